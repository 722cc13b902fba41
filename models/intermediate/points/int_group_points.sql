-- Grain: lead, score model, subscore, rule group in which something fired. What its rules are worth together on each scored date: summed, combined, and within the
-- group's bounds; null where nothing fired. What has no group stands together under none, with nothing to combine and no bounds, so that all entries are summed in one pass.
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

    select
        lead_id,
        score_model,
        subscore,
        {%- for days in lead_scoring.scored_days() %}
        {%- set points = lead_scoring.dated('points', days) %}
        cast(sum({{ points }}) as decimal(18, 6)) as {{ points }}{{ ',' if not loop.last }}
        {%- endfor %}
    from event_day_points
    group by lead_id, score_model, subscore

),

-- Not from int_contributions: DuckDB would compute all that an entry of the ledger says, where only its points are asked for.
points_united as (

    select
        lead_id, score_model, subscore, cast(null as string) as rule_group,
        {%- for days in lead_scoring.scored_days() %}
        {{ lead_scoring.dated('points', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from additive_points
    union all
    select
        event_rule_points.lead_id, rules.score_model, rules.subscore, rules.rule_group,
        {%- for days in lead_scoring.scored_days() %}
        event_rule_points.{{ lead_scoring.dated('points', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from event_rule_points
    inner join rules on event_rule_points.rule_number = rules.rule_number
    union all
    select
        lead_id, score_model, subscore, rule_group,
        {%- for days in lead_scoring.scored_days() %}
        case when scored_on = {{ lead_scoring.scored_date(days) }} then points end as {{ lead_scoring.dated('points', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from other_contributions

),

groups_summed as (

    select
        lead_id,
        score_model,
        subscore,
        rule_group,
        {%- for days in lead_scoring.scored_days() %}
        {%- set points = lead_scoring.dated('points', days) %}
        cast(sum({{ points }}) as decimal(18, 6)) as {{ lead_scoring.dated('points_summed', days) }},
        max({{ points }}) as {{ lead_scoring.dated('points_largest', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from points_united
    group by lead_id, score_model, subscore, rule_group

),

groups_combined as (

    select
        groups_summed.*,
        {%- for days in lead_scoring.scored_days() %}
        case
            when rule_groups.combine = 'max' then groups_summed.{{ lead_scoring.dated('points_largest', days) }}
            else groups_summed.{{ lead_scoring.dated('points_summed', days) }}
        end as {{ lead_scoring.dated('points_combined', days) }},
        {%- endfor %}
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
        subscore,
        rule_group,
        {%- for days in lead_scoring.scored_days() %}
        {%- set points_combined = lead_scoring.dated('points_combined', days) %}
        {{ lead_scoring.dated('points_summed', days) }},
        {{ points_combined }},
        case
            when {{ points_combined }} is not null
                then {{ lead_scoring.clipped(points_combined, 'min_points', 'max_points') }}
        end as {{ lead_scoring.dated('points', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from groups_combined

)

select * from final
