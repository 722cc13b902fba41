-- Grain: lead, date of which something else may count than in the run before. Empty when everything is made anew.
with events_counted as (

    select * from {{ ref('int_events_counted') }}

),

events_touched as (

    select * from {{ ref('int_events_touched') }}

),

days_left as (

    select * from {{ ref('int_days_left') }}

),

final as (

    select
        lead_id,
        occurred_on
    from days_left
    union
    select
        events_counted.lead_id,
        events_counted.occurred_on
    from events_counted
    inner join events_touched on events_counted.event_hash = events_touched.event_hash

)

select * from final
