-- Grain: event that counts. What scoring looks at: each thing that happened once, whichever sources reported it, each page view in a visit, and the clicks that tagged links tell of.
with events as (

    select * from {{ ref('int_events_attributed') }}

),

duplicates as (

    select * from {{ ref('int_cross_source_duplicates') }}

),

page_views_sessionised as (

    select * from {{ ref('int_page_views_sessionised') }}

),

tagged_clicks as (

    select * from {{ ref('int_tagged_clicks') }}

),

{% set columns = [
    'lead_id', 'source', 'occurred_at', 'occurred_on', 'email', 'contact_id', 'anonymous_id', 'page_path', 'page_title', 'referrer', 'email_id', 'link_url', 'asset',
    'campaign', 'utm_source', 'utm_medium', 'utm_campaign', 'duration_seconds', 'amount', 'properties',
] %}
final as (

    select
        events.event_key,
        events.event_type,
        events.is_engagement,
        events.is_machine,
        coalesce(events.session_id, page_views_sessionised.session_id) as session_id,
        events.{{ columns | join(',\n        events.') }}
    from events
    left join page_views_sessionised on events.event_key = page_views_sessionised.event_key
    where not exists (
        select 1 from duplicates
        where duplicates.event_key = events.event_key
    )
    union all
    select
        tagged_clicks.event_key,
        tagged_clicks.event_type,
        tagged_clicks.is_engagement,
        tagged_clicks.is_machine,
        tagged_clicks.session_id,
        {%- for column in columns %}
        {{ 'cast(null as double) as duration_seconds' if column == 'duration_seconds' else 'events.' ~ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from tagged_clicks
    inner join events on tagged_clicks.page_view_key = events.event_key

)

select * from final
