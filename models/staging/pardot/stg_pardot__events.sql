-- Grain: event row as delivered: a row of visitor_activity or one of visitor_page_view.
{{ config(enabled='pardot' in var('lead_scoring_sources')) }}

with activities as (

    select * from {{ ref('base_pardot__visitor_activities') }}

),

page_views as (

    select * from {{ ref('base_pardot__page_views') }}

),

{% set columns = [
    'event_id', 'contact_id', 'anonymous_id', 'session_id', 'email_id', 'vendor_type', 'native_code', 'campaign', 'page_url', 'page_title', 'link_url', 'asset',
    'source_parameter', 'medium_parameter', 'campaign_parameter', 'properties', 'duration_seconds', 'occurred_at', 'loaded_at', 'unreadable_columns',
    'raw_table', 'raw_file', 'raw_row', 'raw_text',
] | join(', ') %}
vendor_events as (

    select {{ columns }} from activities
    union all
    select {{ columns }} from page_views

),

-- 4_LANDING_PAGE is the success of a form, 2_FORM only a look at one; 11 is an open, whatever the asset.
translated as (

    {{ lead_scoring.with_event_types('vendor_events', 'pardot') }}

),

final as (

    select
        -- ids
        event_id,
        contact_id,
        anonymous_id,
        session_id,
        email_id,
        {{ lead_scoring.null_columns('events', ['email', 'referrer', 'amount']) }},
        -- strings
        event_type,
        {{ lead_scoring.url_path('page_url') }} as page_path,
        page_title,
        link_url,
        asset,
        campaign,
        coalesce({{ lead_scoring.url_parameter('page_url', 'utm_source') }}, source_parameter) as utm_source,
        coalesce({{ lead_scoring.url_parameter('page_url', 'utm_medium') }}, medium_parameter) as utm_medium,
        coalesce({{ lead_scoring.url_parameter('page_url', 'utm_campaign') }}, campaign_parameter) as utm_campaign,
        properties,
        -- numbers
        -- Fivetran replaces rows: of several deliveries the later one is a correction, as when a visitor becomes a prospect.
        {{ lead_scoring.load_order_version('loaded_at') }} as event_version,
        duration_seconds,
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
