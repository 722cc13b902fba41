-- Grain: lead, scored date on which it exists. When it was last active.
with leads as (

    select * from {{ ref('int_leads') }}

),

scored_dates as (

    select * from {{ ref('int_scored_dates') }}

),

event_dates as (

    select distinct occurred_on
    from {{ ref('int_events_counted') }}
    where occurred_on <= {{ lead_scoring.as_of_date() }}

),

-- What happened on a date counts from this scored date on: between two of them the latest activity alone matters, and few rows meet all dates.
dates_counting as (

    select
        event_dates.occurred_on,
        min(scored_dates.scored_on) as counts_from
    from event_dates
    inner join scored_dates on event_dates.occurred_on <= scored_dates.scored_on
    group by event_dates.occurred_on

),

-- Named twice, and not in a step of their own (docs/performance.md, "What is spilled").
latest_activities as (

    select
        events_counted.lead_id,
        dates_counting.counts_from,
        max(events_counted.occurred_on) as occurred_on
    from {{ ref('int_events_counted') }} as events_counted
    inner join dates_counting on events_counted.occurred_on = dates_counting.occurred_on
    where events_counted.is_engagement
    group by events_counted.lead_id, dates_counting.counts_from

),

last_activity_dates as (

    select
        latest_activities.lead_id,
        scored_dates.scored_on,
        max(latest_activities.occurred_on) as last_activity_on
    from latest_activities
    inner join scored_dates on latest_activities.counts_from <= scored_dates.scored_on
    group by latest_activities.lead_id, scored_dates.scored_on

),

final as (

    select
        leads.lead_id,
        scored_dates.scored_on,
        scored_dates.days_before,
        leads.email,
        leads.first_seen_on,
        last_activity_dates.last_activity_on
    from leads
    inner join scored_dates on leads.first_seen_on <= least(scored_dates.scored_on, {{ lead_scoring.as_of_date() }})
    left join last_activity_dates
        on leads.lead_id = last_activity_dates.lead_id
        and scored_dates.scored_on = last_activity_dates.scored_on

)

select * from final
