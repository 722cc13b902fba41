-- Grain: event of a lead, scored date in whose trait window it lies. What the derived traits look at.
{{ config(materialized='view') }}

with events as (

    select * from {{ ref('int_events_counted') }}
    where occurred_on <= {{ lead_scoring.as_of_date() }}

),

scored_dates as (

    select * from {{ ref('int_scored_dates') }}

),

final as (

    select
        events.lead_id,
        scored_dates.scored_on,
        events.event_type,
        events.occurred_at,
        -- A machine pays no visit.
        case when not events.is_machine then events.session_id end as session_id,
        events.page_path,
        events.email_id,
        cast(coalesce(events.duration_seconds, 0) as decimal(18, 6)) as duration_seconds
    from events
    inner join scored_dates
        on events.occurred_on <= scored_dates.scored_on
        and events.occurred_on > {{ lead_scoring.days_after('scored_dates.scored_on', -var('lead_scoring_trait_window_days')) }}

)

select * from final
