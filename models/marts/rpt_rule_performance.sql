-- Grain: score model, rule that gives points. Whether a rule tells buyers from others: conversion of the leads on which it had fired, against the rest; and what it does today.
{{ config(materialized='view') }}

with rules as (

    select * from {{ ref('int_rules') }}
    where points is not null

),

contributions as (

    select * from {{ ref('int_contributions') }}
    where scored_on = {{ lead_scoring.days_after(lead_scoring.as_of_date(), -var('outcome_window_days')) }}
        and entry_type = 'rule'

),

contributions_now as (

    select * from {{ ref('int_contributions') }}
    where scored_on = {{ lead_scoring.as_of_date() }}
        and entry_type = 'rule'

),

leads_backtested as (

    select * from {{ ref('int_leads_backtested') }}

),

everybody as (

    select
        count(*) as leads,
        coalesce(sum(case when is_won then 1 else 0 end), 0) as conversions
    from leads_backtested

),

fired as (

    select
        contributions.score_model,
        contributions.rule_id,
        count(*) as leads_fired,
        sum(case when leads_backtested.is_won then 1 else 0 end) as conversions_fired
    from contributions
    inner join leads_backtested on contributions.lead_id = leads_backtested.lead_id
    group by contributions.score_model, contributions.rule_id

),

fired_now as (

    select
        score_model,
        rule_id,
        count(*) as leads_now,
        sum(points) as points_now,
        max(last_on) as last_fired_on
    from contributions_now
    group by score_model, rule_id

),

counted as (

    select
        rules.score_model,
        rules.rule_id,
        rules.label,
        rules.kind,
        rules.subscore,
        rules.rule_group,
        rules.points,
        rules.decay,
        rules.decay_days,
        fired_now.leads_now,
        fired_now.points_now,
        fired_now.last_fired_on,
        coalesce(fired.leads_fired, 0) as leads_fired,
        coalesce(fired.conversions_fired, 0) as conversions_fired,
        everybody.leads - coalesce(fired.leads_fired, 0) as leads_not_fired,
        everybody.conversions - coalesce(fired.conversions_fired, 0) as conversions_not_fired,
        everybody.leads,
        everybody.conversions
    from rules
    cross join everybody
    left join fired_now
        on rules.score_model = fired_now.score_model
        and rules.rule_id = fired_now.rule_id
    left join fired
        on rules.score_model = fired.score_model
        and rules.rule_id = fired.rule_id

),

final as (

    select
        score_model,
        rule_id,
        label,
        kind,
        subscore,
        rule_group,
        cast(points as decimal(18, 6)) as points,
        decay,
        cast(decay_days as decimal(18, 6)) as decay_days,
        cast(coalesce(leads_now, 0) as bigint) as leads_now,
        cast(coalesce(points_now, 0) as decimal(18, 6)) as points_now,
        last_fired_on,
        cast(leads_fired as bigint) as leads_fired,
        leads_fired >= {{ var('lead_scoring_least_leads_for_a_rate') }} as has_enough_leads,
        case when leads_fired > 0 then cast({{ lead_scoring.divided('conversions_fired', 'greatest(leads_fired, 1)') }} as decimal(18, 6)) end as conversion_rate_fired,
        case
            when leads_not_fired > 0 then cast({{ lead_scoring.divided('conversions_not_fired', 'greatest(leads_not_fired, 1)') }} as decimal(18, 6))
        end as conversion_rate_not_fired,
        case
            when leads_fired > 0 and conversions > 0
                then cast({{ lead_scoring.divided(
                    'cast(conversions_fired * leads as decimal(18, 0))', 'greatest(cast(leads_fired * conversions as decimal(18, 0)), 1)'
                ) }} as decimal(18, 6))
        end as lift
    from counted

)

select * from final
