-- Grain: lead, score model, scored date, entry. All that gives or takes points, before groups and bounds: rules, cycle, season, adjustments.
{{ config(materialized='view') }}

with rules as (

    select * from {{ ref('int_rules') }}

),

event_rule_points as (

    {{ lead_scoring.rows_by_scored_date(ref('int_event_rule_points'), ['lead_id', 'rule_number'], ['points', 'points_uncapped', 'occurrences', 'first_on', 'last_on']) }}

),

other_contributions as (

    select * from {{ ref('int_other_contributions') }}

),

final as (

    select
        event_rule_points.lead_id,
        rules.score_model,
        event_rule_points.scored_on,
        'rule' as entry_type,
        rules.rule_id as entry_id,
        rules.label,
        rules.rule_id,
        rules.rule_group,
        rules.subscore,
        rules.stage,
        event_rule_points.occurrences,
        event_rule_points.first_on,
        event_rule_points.last_on,
        event_rule_points.points_uncapped,
        event_rule_points.points
    from event_rule_points
    inner join rules on event_rule_points.rule_number = rules.rule_number
    union all
    select
        lead_id,
        score_model,
        scored_on,
        entry_type,
        entry_id,
        label,
        rule_id,
        rule_group,
        subscore,
        stage,
        occurrences,
        first_on,
        last_on,
        points_uncapped,
        points
    from other_contributions

)

select * from final
