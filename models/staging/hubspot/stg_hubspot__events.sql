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

codes as (

    select
        event_type,
        upper(native_code) as native_code
    from {{ ref('stg_config__source_event_types') }}
    where source = 'hubspot'

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

-- The exact code decides, and only where it is not listed the type alone: BOUNCE_UNKNOWN_USER is hard, BOUNCE of any other category soft.
translated as (

    select
        vendor_events.*,
        case when exact_codes.native_code is not null then exact_codes.event_type else plain_codes.event_type end as event_type
    from vendor_events
    left join codes as exact_codes on vendor_events.native_code = exact_codes.native_code
    left join codes as plain_codes on vendor_events.vendor_type = plain_codes.native_code

),

final as (

    select
        -- ids
        event_id,
        email,
        contact_id,
        cast(null as string) as anonymous_id,
        cast(null as string) as session_id,
        email_id,
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
        case
            when loaded_at >= cast('2000-01-01' as timestamp) and loaded_at < cast('2060-01-01' as timestamp)
                then cast({{ lead_scoring.seconds_between("cast('2000-01-01' as timestamp)", 'loaded_at') }} as int)
        end as event_version,
        duration_seconds,
        cast(null as double) as amount,
        -- booleans
        is_deleted,
        vendor_type is not null and event_type is null as is_out_of_scope,
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
