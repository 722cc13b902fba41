-- Grain: field. What `profile_completeness` counts.
{% set columns = {
    'field': 'word key',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('profile_fields', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
