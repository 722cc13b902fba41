-- Grain: provider, operation. What a provider takes at once, and how fast.
{% set columns = {
    'provider': 'word key',
    'operation': 'word key',
    'max_records': 'int required positive',
    'max_bytes': 'int positive',
    'max_requests': 'int required positive',
    'per_seconds': 'decimal required positive',
    'source': 'text required',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('provider_limits', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
