-- Grain: activity as delivered.
{{ config(enabled='activecampaign' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('activecampaign', 'activities') }}

),

final as (

    select
        -- ids
        'activity:' || id as event_id,
        cast(null as string) as email,
        subscriberid as contact_id,
        cast(null as string) as email_id,
        -- strings
        -- Marked as activities: a webhook tells some of them, too.
        'ACTIVITY_' || upper({{ lead_scoring.trimmed('reference_type') }}) as vendor_type,
        'ACTIVITY_' || upper({{ lead_scoring.trimmed('reference_type') }}) || '_' || upper({{ lead_scoring.trimmed('reference_action') }}) as native_code,
        cast(null as string) as campaign,
        cast(null as string) as link_url,
        {{ lead_scoring.json_object({'reference_type': 'reference_type', 'reference_action': 'reference_action'}) }} as properties,
        -- times
        tstamp as occurred_at,
        coalesce(_sdc_batched_at, _airbyte_extracted_at, _airbyte_emitted_at, tstamp) as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('activities') }}
    from source

)

select * from final
