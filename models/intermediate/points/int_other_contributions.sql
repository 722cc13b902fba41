-- Grain: lead, score model, scored date, entry that is no event rule. All else that gives or takes points, before groups and bounds: frequency and attribute rules, cycle,
-- season, adjustments.
{{ config(materialized='view') }}

with rules as (

    select * from {{ ref('int_rules') }}

),

frequency_rule_points as (

    select * from {{ ref('int_frequency_rule_points') }}

),

trait_matches as (

    select * from {{ ref('int_trait_matches') }}

),

lead_cycles as (

    select * from {{ ref('int_lead_cycles') }}
    where cycle_months is not null and not is_lapsed

),

adjustments as (

    select * from {{ ref('int_adjustments_resolved') }}

),

lead_days as (

    select * from {{ ref('int_lead_days') }}

),

rules_fired as (

    select lead_id, score_model, scored_on, rule_id, occurrences, first_on, last_on, points as points_uncapped, points
    from frequency_rule_points
    union all
    select
        trait_matches.lead_id,
        rules.score_model,
        trait_matches.scored_on,
        rules.rule_id,
        1 as occurrences,
        cast(null as date) as first_on,
        cast(null as date) as last_on,
        cast(rules.points as decimal(18, 6)) as points_uncapped,
        cast(rules.points as decimal(18, 6)) as points
    from trait_matches
    inner join rules on trait_matches.match_id = rules.match_id and rules.kind = 'attribute'

),

final as (

    select
        rules_fired.lead_id,
        rules_fired.score_model,
        rules_fired.scored_on,
        'rule' as entry_type,
        rules_fired.rule_id as entry_id,
        rules.label,
        rules_fired.rule_id,
        rules.rule_group,
        rules.subscore,
        cast(null as string) as stage,
        rules_fired.occurrences,
        rules_fired.first_on,
        rules_fired.last_on,
        rules_fired.points_uncapped,
        rules_fired.points
    from rules_fired
    inner join rules
        on rules_fired.score_model = rules.score_model
        and rules_fired.rule_id = rules.rule_id
    union all
    select
        lead_id,
        score_model,
        scored_on,
        'cycle' as entry_type,
        'cycle' as entry_id,
        'Purchase cycle' as label,
        cast(null as string) as rule_id,
        cast(null as string) as rule_group,
        'cycle' as subscore,
        cast(null as string) as stage,
        order_date_count as occurrences,
        first_order_on as first_on,
        last_order_on as last_on,
        cast({{ lead_scoring.divided('cycle_points * least(months_since_order, cycle_months)', 'cycle_months') }} as decimal(18, 6)) as points_uncapped,
        cast({{ lead_scoring.divided('cycle_points * least(months_since_order, cycle_months)', 'cycle_months') }} as decimal(18, 6)) as points
    from lead_cycles
    where cycle_points is not null
    union all
    select
        lead_id,
        score_model,
        scored_on,
        'season' as entry_type,
        'season' as entry_id,
        'Season' as label,
        cast(null as string) as rule_id,
        cast(null as string) as rule_group,
        'cycle' as subscore,
        cast(null as string) as stage,
        order_date_count as occurrences,
        first_order_on as first_on,
        last_order_on as last_on,
        cast(season_points as decimal(18, 6)) as points_uncapped,
        cast(season_points as decimal(18, 6)) as points
    from lead_cycles
    where season_points is not null and is_in_season
    union all
    select
        adjustments.lead_id,
        adjustments.score_model,
        lead_days.scored_on,
        'manual' as entry_type,
        adjustments.adjustment_id as entry_id,
        coalesce(adjustments.reason, adjustments.adjustment_id) as label,
        cast(null as string) as rule_id,
        cast(null as string) as rule_group,
        'manual' as subscore,
        cast(null as string) as stage,
        1 as occurrences,
        adjustments.effective_on as first_on,
        adjustments.effective_on as last_on,
        cast(adjustments.points as decimal(18, 6)) as points_uncapped,
        cast(adjustments.points as decimal(18, 6)) as points
    from adjustments
    inner join lead_days on adjustments.lead_id = lead_days.lead_id
    where lead_days.scored_on >= adjustments.effective_on
        and (adjustments.expires_on is null or lead_days.scored_on < adjustments.expires_on)

)

select * from final
