-- Grain: lead, event rule that fired, scored date. What the rule's events are still worth, before and after the rule's own cap.
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

rules as (

    select * from {{ ref('int_rules') }}

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

days_decayed as (

    select
        ages_set.lead_id,
        ages_set.score_model,
        ages_set.rule_id,
        ages_set.scored_on,
        ages_set.occurred_on,
        ages_set.occurrences,
        -- Wide on purpose: DuckDB keeps a product of narrow decimals within 18 digits and fails beyond.
        cast(
            cast(ages_set.points * ages_set.occurrences as decimal(24, 4)) * coalesce(decay_factors.factor, cast(1 as decimal(13, 12))) as decimal(18, 6)
        ) as points_decayed
    from ages_set
    left join decay_factors
        on ages_set.decay_id = decay_factors.decay_id
        and ages_set.age = decay_factors.age

),

days_summed as (

    select
        lead_id,
        score_model,
        rule_id,
        scored_on,
        cast(sum(occurrences) as bigint) as occurrences,
        min(occurred_on) as first_on,
        max(occurred_on) as last_on,
        cast(sum(points_decayed) as decimal(18, 6)) as points_uncapped
    from days_decayed
    group by lead_id, score_model, rule_id, scored_on

),

final as (

    select
        days_summed.lead_id,
        days_summed.score_model,
        days_summed.scored_on,
        days_summed.rule_id,
        days_summed.occurrences,
        days_summed.first_on,
        days_summed.last_on,
        days_summed.points_uncapped,
        {{ lead_scoring.clipped('days_summed.points_uncapped', '-rules.max_points', 'rules.max_points') }} as points
    from days_summed
    inner join rules
        on days_summed.score_model = rules.score_model
        and days_summed.rule_id = rules.rule_id

)

select * from final
