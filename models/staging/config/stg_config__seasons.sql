-- Grain: industry and month. The months in which an industry buys.
{% set columns = {
    'industry': 'text key',
    'month': 'int key',
    'label': 'text required',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('seasons', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
