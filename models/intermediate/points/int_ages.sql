-- Grain: age in days that something may have which is looked at today: from 0 to that of the oldest match, or of the earliest last activity, from which a decay may count, and as much older as somebody looks ahead.
with daily_matches as (

    select * from {{ ref('int_daily_matches') }}

),

lead_days as (

    select * from {{ ref('int_lead_days') }}

),

first_dates as (

    select min(occurred_on) as first_on from daily_matches
    union all
    select min(last_activity_on) as first_on from lead_days

),

oldest as (

    -- As much older as is looked ahead.
    select
        {{ lead_scoring.days_between('min(first_on)', lead_scoring.as_of_date()) }} + greatest(
            {{ ([0] + lead_scoring.outlook_days()) | max }},
            case
                when {{ lead_scoring.is_cooling_asked_for() }} then {{ var('lead_scoring_cooling_stretches') }} * {{ lead_scoring.days_of_a_week() }} * {{ lead_scoring.days_of_a_week() }}
                else 0
            end
        ) as oldest_age
    from first_dates

),

ages as (

    select {{ lead_scoring.array_to_rows(lead_scoring.whole_numbers_up_to('coalesce(greatest(oldest_age, 0), 0)')) }} as age
    from oldest

),

final as (

    select cast(age as int) as age
    from ages

)

select * from final
