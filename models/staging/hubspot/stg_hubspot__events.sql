-- Grain: event row as delivered: a row of email_event, one of contact_form_submission, a contact of an engagement.
{{ config(enabled='hubspot' in var('lead_scoring_sources')) }}

with email_events as (

    select * from {{ ref('base_hubspot__email_events') }}

),

form_submissions as (

    select * from {{ ref('base_hubspot__form_submissions') }}

),

engagements as (

    select * from {{ ref('base_hubspot__engagements') }}

),

{% set columns = [
    'event_id', 'email', 'contact_id', 'email_id', 'vendor_type', 'native_code', 'campaign', 'link_url', 'referrer', 'asset', 'page_url', 'page_title',
    'properties', 'duration_seconds', 'is_deleted', 'occurred_at', 'loaded_at', 'unreadable_columns', 'raw_table', 'raw_file', 'raw_row', 'raw_text',
] | join(', ') %}
vendor_events as (

    select {{ columns }} from email_events
    union all
    select {{ columns }} from form_submissions
    union all
    select {{ columns }} from engagements

),

-- BOUNCE_UNKNOWN_USER is hard, BOUNCE of any other category soft.
translated as (

    {{ lead_scoring.with_event_types('vendor_events', 'hubspot') }}

),

final as (

    select
        -- ids
        event_id,
        email,
        contact_id,
        email_id,
        {{ lead_scoring.null_columns('events', ['anonymous_id', 'session_id', 'amount']) }},
        -- strings
        event_type,
        {{ lead_scoring.url_path('page_url') }} as page_path,
        page_title,
        referrer,
        link_url,
        asset,
        campaign,
        {{ lead_scoring.url_parameter('page_url', 'utm_source') }} as utm_source,
        {{ lead_scoring.url_parameter('page_url', 'utm_medium') }} as utm_medium,
        {{ lead_scoring.url_parameter('page_url', 'utm_campaign') }} as utm_campaign,
        properties,
        -- numbers
        -- Fivetran replaces rows, a meeting that was held replaces one that was booked: of several deliveries the later one is a correction.
        {{ lead_scoring.load_order_version('loaded_at') }} as event_version,
        duration_seconds,
        -- booleans
        is_deleted,
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
