-- Grain: lead, scored date on which it exists. When it was last active.
with leads as (

    select * from {{ ref('int_leads') }}

),

scored_dates as (

    select * from {{ ref('int_scored_dates') }}

),

events as (

    select * from {{ ref('int_events_counted') }}
    where is_engagement
        and occurred_on <= {{ lead_scoring.as_of_date() }}

),

active_dates as (

    select distinct
        lead_id,
        occurred_on
    from events

),

last_activity_dates as (

    select
        active_dates.lead_id,
        scored_dates.scored_on,
        max(active_dates.occurred_on) as last_activity_on
    from active_dates
    inner join scored_dates on active_dates.occurred_on <= scored_dates.scored_on
    group by active_dates.lead_id, scored_dates.scored_on

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
