-- Grain: lead, matcher, date. The state that scores are made of: how often what a rule looks for happened, after count_once_per, before any cap.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['state'],
    pre_hook="{{ lead_scoring.forget_matches(this) }}"
) }}
-- depends_on: {{ ref('int_matchers') }}, {{ ref('int_days_touched') }}

with events_to_match as (

    select * from {{ ref('int_events_to_match') }}

),

once_values as (

    select * from {{ ref('int_once_values') }}

),

counted_each as (

    select
        lead_id,
        match_id,
        occurred_on,
        count(*) as occurrences
    from events_to_match
    where count_once_per is null
    group by lead_id, match_id, occurred_on

),

-- The earliest event of each value: its date is the earliest date.
earliest_dates as (

    select
        lead_id,
        match_id,
        once_value,
        min(occurred_on) as occurred_on
    from once_values
    group by lead_id, match_id, once_value

),

counted_once as (

    select
        lead_id,
        match_id,
        occurred_on,
        count(*) as occurrences
    from earliest_dates
    group by lead_id, match_id, occurred_on

),

final as (

    select lead_id, match_id, occurred_on, occurrences from counted_each
    union all
    select lead_id, match_id, occurred_on, occurrences from counted_once

)

select * from final
