-- Grain: field. What a condition may speak of.
{% set columns = {
    'field': 'field key',
    'scope': 'word required',
    'data_type': 'word required',
    'origin': 'word required',
    'description': 'text required',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('fields', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
