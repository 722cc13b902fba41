-- Grain: lead, event rule, scored date, date with matches. How many occurrences the rule counts of a day, and how much of each is left.
{{ config(materialized='view') }}

with counted_matches as (

    select * from {{ ref('int_counted_matches') }}
    where kind = 'event'

),

lead_days as (

    select * from {{ ref('int_lead_days') }}

),

decay_factors as (

    select * from {{ ref('int_decay_factors') }}

),

days_capped as (

    select
        lead_id,
        score_model,
        rule_id,
        scored_on,
        occurred_on,
        age,
        points,
        decay_id,
        decay_from,
        cast(least(occurrences, coalesce(max_per_day, occurrences)) as decimal(20, 0)) as occurrences
    from counted_matches

),

ages_set as (

    select
        days_capped.lead_id,
        days_capped.score_model,
        days_capped.rule_id,
        days_capped.scored_on,
        days_capped.occurred_on,
        days_capped.occurrences,
        days_capped.points,
        days_capped.decay_id,
        -- The idle clock: all events are as old as the last engagement, so that a new visit brings the old points back.
        case
            when days_capped.decay_from = 'last_activity' and lead_days.last_activity_on is not null
                then {{ lead_scoring.days_between('lead_days.last_activity_on', 'days_capped.scored_on') }}
            else days_capped.age
        end as age
    from days_capped
    inner join lead_days
        on days_capped.lead_id = lead_days.lead_id
        and days_capped.scored_on = lead_days.scored_on

),

final as (

    select
        ages_set.lead_id,
        ages_set.score_model,
        ages_set.rule_id,
        ages_set.scored_on,
        ages_set.occurred_on,
        ages_set.occurrences,
        ages_set.points,
        coalesce(decay_factors.factor, cast(1 as decimal(13, 12))) as factor
    from ages_set
    left join decay_factors
        on ages_set.decay_id = decay_factors.decay_id
        and ages_set.age = decay_factors.age

)

select * from final
