-- Grain: lead, score model, scored date, subscore, rule group in which something fired. What its rules are worth together: summed, combined, and within the group's
-- bounds. What has no group stands together under none, with nothing to combine and no bounds, so that all entries are summed in one pass.
{{ config(materialized='view') }}

with rules as (

    select * from {{ ref('int_rules') }}

),

event_day_points as (

    select * from {{ ref('int_event_day_points') }}
    where is_additive

),

event_rule_points as (

    select * from {{ ref('int_event_rule_points') }}
    where not is_additive

),

other_contributions as (

    select * from {{ ref('int_other_contributions') }}

),

rule_groups as (

    select * from {{ ref('stg_config__rule_groups') }}

),

-- What a rule without a cap and a group comes to by itself is asked for by nobody here: millions of sums need not be kept apart to be added up.
additive_points as (

    select lead_id, score_model, scored_on, subscore, cast(sum(points) as decimal(18, 6)) as points
    from event_day_points
    group by lead_id, score_model, scored_on, subscore

),

-- Not from int_contributions: DuckDB would compute all that an entry of the ledger says, where only its points are asked for.
points_united as (

    select lead_id, score_model, scored_on, subscore, cast(null as string) as rule_group, points
    from additive_points
    union all
    select event_rule_points.lead_id, rules.score_model, event_rule_points.scored_on, rules.subscore, rules.rule_group, event_rule_points.points
    from event_rule_points
    inner join rules on event_rule_points.rule_number = rules.rule_number
    union all
    select lead_id, score_model, scored_on, subscore, rule_group, points
    from other_contributions

),

groups_summed as (

    select
        lead_id,
        score_model,
        scored_on,
        subscore,
        rule_group,
        cast(sum(points) as decimal(18, 6)) as points_summed,
        max(points) as points_largest
    from points_united
    group by lead_id, score_model, scored_on, subscore, rule_group

),

groups_combined as (

    select
        groups_summed.lead_id,
        groups_summed.score_model,
        groups_summed.scored_on,
        groups_summed.subscore,
        groups_summed.rule_group,
        groups_summed.points_summed,
        case when rule_groups.combine = 'max' then groups_summed.points_largest else groups_summed.points_summed end as points_combined,
        rule_groups.min_points,
        rule_groups.max_points
    from groups_summed
    left join rule_groups
        on groups_summed.score_model = rule_groups.score_model
        and groups_summed.rule_group = rule_groups.rule_group

),

final as (

    select
        lead_id,
        score_model,
        scored_on,
        subscore,
        rule_group,
        points_summed,
        points_combined,
        {{ lead_scoring.clipped('points_combined', 'min_points', 'max_points') }} as points
    from groups_combined

)

select * from final
