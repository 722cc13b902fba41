-- Grain: event row as delivered: a call of a webhook, an activity, a contact to whom e-mails came back.
{{ config(enabled='activecampaign' in var('lead_scoring_sources')) }}

with webhook_events as (

    select * from {{ ref('base_activecampaign__webhook_events') }}

),

activities as (

    select * from {{ ref('base_activecampaign__activities') }}

),

contact_bounces as (

    select * from {{ ref('base_activecampaign__contact_bounces') }}

),

{% set columns = [
    'event_id', 'email', 'contact_id', 'email_id', 'vendor_type', 'native_code', 'campaign', 'link_url', 'properties', 'occurred_at', 'loaded_at',
    'unreadable_columns', 'raw_table', 'raw_file', 'raw_row', 'raw_text',
] | join(', ') %}
vendor_events as (

    select {{ columns }} from webhook_events
    union all
    select {{ columns }} from activities
    union all
    select {{ columns }} from contact_bounces

),

translated as (

    {{ lead_scoring.with_event_types('vendor_events', 'activecampaign') }}

),

final as (

    select
        -- ids
        event_id,
        email,
        contact_id,
        email_id,
        {{ lead_scoring.null_columns('events', [
            'anonymous_id', 'session_id', 'page_path', 'page_title', 'referrer', 'asset', 'utm_source', 'utm_medium', 'utm_campaign', 'event_version',
            'duration_seconds', 'amount',
        ]) }},
        -- strings
        event_type,
        link_url,
        campaign,
        properties,
        -- booleans
        false as is_deleted,
        is_out_of_scope,
        -- times
        occurred_at,
        loaded_at,

        -- provenance
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from translated

)

select * from final
