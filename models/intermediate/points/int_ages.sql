-- Grain: age in days that something may have which is looked at today: from 0 to that of the oldest match, or of the earliest last activity, from which a decay may count.
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

    select {{ lead_scoring.days_between('min(first_on)', lead_scoring.as_of_date()) }} as oldest_age
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
