-- Grain: lead with an event in the window, scored date. How a lead behaves on the site.
with rule_conditions as (

    select * from {{ ref('int_rule_conditions') }}
    where scope = 'trait'

),

-- What no rule names is not computed.
dates_asked_for as (

    select scored_on from {{ ref('int_scored_dates') }}
    where exists (
        select 1 from rule_conditions
        where rule_conditions.field in (
            'session_count', 'bounce_rate', 'avg_session_seconds', 'pages_per_session', 'page_view_count', 'distinct_page_count', 'form_submission_count',
            'order_count'
        )
    )

),

window_events as (

    select window_events.*
    from {{ ref('int_lead_window_events') }} as window_events
    inner join dates_asked_for on window_events.scored_on = dates_asked_for.scored_on

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
        {{ lead_scoring.ratio('sum(case when page_views = 1 then 1 else 0 end)', 'count(*)') }} as bounce_rate,
        {{ lead_scoring.ratio('sum(session_seconds)', 'count(*)') }} as avg_session_seconds,
        {{ lead_scoring.ratio('sum(page_views)', 'count(*)') }} as pages_per_session
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
