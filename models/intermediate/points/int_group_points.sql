-- Grain: lead, score model, scored date, rule group in which something fired. What its rules are worth together: summed, combined, and within the group's bounds.
with contributions as (

    select * from {{ ref('int_contributions') }}
    where rule_group is not null

),

rule_groups as (

    select * from {{ ref('stg_config__rule_groups') }}

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
    from contributions
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
