-- Grain: domain. Where one's own staff writes from.
{% set columns = {
    'domain': 'word key',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('internal_domains', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
