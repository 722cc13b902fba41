-- Grain: lead, date, event type. What a lead did in the days that the derived traits look back, whether a rule looks at it or not.
{{ config(materialized='view') }}

with events as (

    select * from {{ ref('int_events_counted') }}
    where occurred_on <= {{ lead_scoring.as_of_date() }}
        and occurred_on > {{ lead_scoring.days_after(lead_scoring.as_of_date(), -var('lead_scoring_trait_window_days')) }}

),

leads as (

    select lead_id from {{ ref('dim_leads') }}

),

final as (

    select
        events.lead_id,
        events.occurred_on,
        events.event_type,
        count(*) as events
    from events
    inner join leads on events.lead_id = leads.lead_id
    group by events.lead_id, events.occurred_on, events.event_type

)

select * from final
