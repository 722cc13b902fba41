-- Grain: lead with an event in the window, scored date. How a lead behaves on the site.
with window_events as (

    select * from {{ ref('int_lead_window_events') }}

),

sessions as (

    select
        lead_id,
        scored_on,
        session_id,
        sum(case when event_type = 'page_viewed' then 1 else 0 end) as page_views,
        greatest(
            {{ lead_scoring.seconds_between('min(occurred_at)', 'max(occurred_at)') }},
            cast(sum(duration_seconds) as decimal(18, 6))
        ) as session_seconds
    from window_events
    where session_id is not null
    group by lead_id, scored_on, session_id

),

session_traits as (

    select
        lead_id,
        scored_on,
        count(*) as session_count,
        cast({{ lead_scoring.divided('sum(case when page_views = 1 then 1 else 0 end)', 'count(*)') }} as decimal(18, 6)) as bounce_rate,
        cast({{ lead_scoring.divided('sum(session_seconds)', 'count(*)') }} as decimal(18, 6)) as avg_session_seconds,
        cast({{ lead_scoring.divided('sum(page_views)', 'count(*)') }} as decimal(18, 6)) as pages_per_session
    from sessions
    group by lead_id, scored_on

),

event_counts as (

    select
        lead_id,
        scored_on,
        sum(case when event_type = 'page_viewed' then 1 else 0 end) as page_view_count,
        count(distinct case when event_type = 'page_viewed' then page_path end) as distinct_page_count,
        sum(case when event_type = 'form_submitted' then 1 else 0 end) as form_submission_count,
        sum(case when event_type = 'order_completed' then 1 else 0 end) as order_count
    from window_events
    group by lead_id, scored_on

),

final as (

    select
        event_counts.lead_id,
        event_counts.scored_on,
        event_counts.page_view_count,
        event_counts.distinct_page_count,
        event_counts.form_submission_count,
        event_counts.order_count,
        coalesce(session_traits.session_count, 0) as session_count,
        session_traits.bounce_rate,
        session_traits.avg_session_seconds,
        session_traits.pages_per_session
    from event_counts
    left join session_traits
        on event_counts.lead_id = session_traits.lead_id
        and event_counts.scored_on = session_traits.scored_on

)

select * from final
