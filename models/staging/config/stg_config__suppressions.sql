-- Grain: suppression. After what nobody is written to.
{% set columns = {
    'suppression': 'text key',
    'kind': 'word required',
    'name': 'text',
    'lifted_by': 'text',
    'note': 'text',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('suppressions', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
