-- Grain: word of a vocabulary. The words that a column may hold, where they are no seed of their own.
{% set columns = {
    'vocabulary': 'word key',
    'word': 'word key',
    'description': 'text required',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('words', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
