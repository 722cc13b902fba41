-- Grain: provider, operation. What a provider takes at once, and how fast: the sender reads it beside the operations.
{{ config(materialized='view') }}

with provider_limits as (

    select * from {{ ref('stg_config__provider_limits') }}

),

final as (

    select
        provider,
        operation,
        max_records,
        max_bytes,
        max_requests,
        per_seconds,
        source
    from provider_limits

)

select * from final
