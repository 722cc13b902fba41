-- Grain: event in question that counts. What scoring looks at: each thing that happened once, whichever sources reported it, each page view in a visit, and the
-- clicks that tagged links tell of.
{{ config(materialized='view') }}

with events as (

    select * from {{ ref('int_events_attributed') }}

),

duplicates as (

    select distinct event_key from {{ ref('int_cross_source_duplicates') }}

),

page_views_sessionised as (

    select * from {{ ref('int_page_views_sessionised') }}

),

tagged_clicks as (

    select * from {{ ref('int_tagged_clicks') }}

),

duplicate_types as (

    select distinct {{ lead_scoring.trimmed(lead_scoring.split_to_rows('event_types', '|')) }} as event_type
    from {{ ref('stg_config__cross_source_duplicates') }}
    -- A source alone has nothing twice.
    where {{ 'true' if var('lead_scoring_sources') | length > 1 else 'false' }}

),

{% set columns = [
    'lead_id', 'event_hash', 'source', 'occurred_at', 'occurred_on', 'email', 'contact_id', 'anonymous_id', 'page_path', 'page_title', 'referrer', 'email_id', 'link_url', 'asset',
    'campaign', 'utm_source', 'utm_medium', 'utm_campaign', 'duration_seconds', 'amount', 'properties',
] %}
final as (

    select
        events.event_key,
        events.event_type,
        events.is_engagement,
        events.is_machine,
        coalesce(events.session_id, page_views_sessionised.session_id) as session_id,
        -- Whether it counts depends on other events of its lead.
        (events.event_type = 'page_viewed' and coalesce(events.utm_source, events.utm_medium, events.utm_campaign) is not null)
        or (events.event_type = 'page_viewed' and events.session_id is null)
        or duplicate_types.event_type is not null as is_linked,
        events.{{ columns | join(',\n        events.') }}
    from events
    left join page_views_sessionised on events.event_key = page_views_sessionised.event_key
    left join duplicate_types on events.event_type = duplicate_types.event_type
    left join duplicates on events.event_key = duplicates.event_key
    where duplicates.event_key is null
    union all
    select
        tagged_clicks.event_key,
        tagged_clicks.event_type,
        tagged_clicks.is_engagement,
        tagged_clicks.is_machine,
        tagged_clicks.session_id,
        true as is_linked,
        {%- for column in columns %}
        {{ 'cast(null as double) as duration_seconds' if column == 'duration_seconds' else 'tagged_clicks.' ~ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from tagged_clicks

)

select * from final
