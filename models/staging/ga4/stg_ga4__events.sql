-- Grain: event row as delivered. The time that GA4 measures on events which are out of scope (scrolling, leaving the page) counts on the event in scope before them,
-- so that no time on the site is lost and none counts twice.
{{ config(enabled='ga4' in var('lead_scoring_sources')) }}

with events as (

    select * from {{ ref('base_ga4__events') }}

),

translated as (

    {{ lead_scoring.with_event_types('events', 'ga4') }}

),

-- Each event of a session once, however often it was delivered.
deliveries_ranked as (

    select
        event_id,
        session_id,
        occurred_at,
        is_out_of_scope,
        batch_page_id,
        batch_ordering_id,
        batch_event_index,
        engagement_milliseconds,
        row_number() over (
            partition by event_id
            order by {{ lead_scoring.total_order(['event_version', 'loaded_at', 'occurred_at', 'session_id', 'engagement_milliseconds'], 'desc') }}
        ) as delivery_rank
    from translated
    where session_id is not null and occurred_at is not null and {{ lead_scoring.is_known('loaded_at') }}

),

numbered as (

    select
        event_id,
        session_id,
        engagement_milliseconds,
        is_out_of_scope,
        sum(case when is_out_of_scope then 0 else 1 end) over (
            partition by session_id
            order by occurred_at, batch_page_id nulls first, batch_ordering_id nulls first, batch_event_index nulls first, is_out_of_scope, event_id
            rows between unbounded preceding and current row
        ) as events_in_scope
    from deliveries_ranked
    where delivery_rank = 1

),

-- What was measured before the first event in scope counts on it.
engagement_times as (

    select
        event_id,
        is_out_of_scope,
        sum(engagement_milliseconds) over (partition by session_id, greatest(events_in_scope, 1)) as engagement_milliseconds
    from numbered

),

final as (

    select
        -- ids
        translated.event_id,
        {{ lead_scoring.null_columns('events', ['email_id']) }},
        case when {{ lead_scoring.has_one_at('translated.user_id') }} then translated.user_id end as email,
        case when not {{ lead_scoring.has_one_at('translated.user_id') }} then translated.user_id end as contact_id,
        translated.anonymous_id,
        translated.session_id,
        -- strings
        translated.event_type,
        {{ lead_scoring.url_path('translated.page_url') }} as page_path,
        translated.page_title,
        translated.referrer,
        translated.link_url,
        translated.asset,
        translated.campaign,
        translated.utm_source,
        translated.utm_medium,
        translated.utm_campaign,
        translated.properties,
        -- numbers
        translated.event_version,
        -- Of a video the place it was left at says more than the time since the last event.
        greatest(coalesce(engagement_times.engagement_milliseconds, translated.engagement_milliseconds) / 1000, translated.video_seconds) as duration_seconds,
        translated.amount,
        -- booleans
        false as is_deleted,
        translated.is_out_of_scope,
        -- times
        translated.occurred_at,
        translated.loaded_at,

        -- provenance
        translated.unreadable_columns,
        translated.raw_table,
        translated.raw_file,
        translated.raw_row,
        translated.raw_text
    from translated
    left join engagement_times
        on translated.event_id = engagement_times.event_id
        and translated.is_out_of_scope = engagement_times.is_out_of_scope

)

select * from final
