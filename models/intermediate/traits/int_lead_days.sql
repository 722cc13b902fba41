-- Grain: lead, scored date on which it exists. When it was last active.
with leads as (

    select * from {{ ref('int_leads') }}

),

scored_dates as (

    select * from {{ ref('int_scored_dates') }}

),

events_counted as (

    select * from {{ ref('int_events_counted') }}
    where is_engagement
        -- On a date ahead nothing more has happened.
        and occurred_on <= {{ lead_scoring.as_of_date() }}

),

last_activities as (

    select
        lead_id,
        {%- for days in lead_scoring.scored_days() %}
        max(case when occurred_on <= {{ lead_scoring.scored_date(days) }} then occurred_on end) as {{ lead_scoring.dated('last_activity_on', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from events_counted
    group by lead_id

),

final as (

    select
        leads.lead_id,
        scored_dates.scored_on,
        scored_dates.days_before,
        leads.email,
        leads.first_seen_on,
        {{ lead_scoring.of_its_date('last_activities.last_activity_on', 'scored_dates.days_before') }} as last_activity_on
    from leads
    inner join scored_dates on leads.first_seen_on <= least(scored_dates.scored_on, {{ lead_scoring.as_of_date() }})
    left join last_activities on leads.lead_id = last_activities.lead_id

)

select * from final
