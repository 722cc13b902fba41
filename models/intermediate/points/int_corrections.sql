-- Grain: lead, score model, scored date, correction that is not 0. What groups, bounds, weights and normalisation took or gave: with these the ledger closes.
with group_points as (

    select * from {{ ref('int_group_points') }}

),

scores as (

    select * from {{ ref('int_scores_normalised') }}

),

corrections as (

    select lead_id, score_model, scored_on, 'group_combine' as entry_type, group_key as entry_id, rule_group, subscore, points_combined - points_summed as points
    from group_points
    union all
    select lead_id, score_model, scored_on, 'group_bound' as entry_type, group_key as entry_id, rule_group, subscore, points - points_combined as points
    from group_points
    {%- for subscore in lead_scoring.subscores() %}
    union all
    select
        lead_id, score_model, scored_on, 'subscore_bound' as entry_type, '{{ subscore }}' as entry_id, cast(null as string) as rule_group,
        '{{ subscore }}' as subscore, {{ subscore }}_points - {{ subscore }}_summed as points
    from scores
    union all
    select
        lead_id, score_model, scored_on, 'subscore_weight' as entry_type, '{{ subscore }}' as entry_id, cast(null as string) as rule_group,
        '{{ subscore }}' as subscore, {{ subscore }}_weighted - {{ subscore }}_points as points
    from scores
    {%- endfor %}
    union all
    select
        lead_id, score_model, scored_on, 'normalisation' as entry_type, score_model as entry_id, cast(null as string) as rule_group,
        cast(null as string) as subscore, score_normalised - raw_score as points
    from scores
    union all
    select
        lead_id, score_model, scored_on, 'score_bound' as entry_type, score_model as entry_id, cast(null as string) as rule_group,
        cast(null as string) as subscore, score_exact - score_normalised as points
    from scores

),

final as (

    select
        lead_id,
        score_model,
        scored_on,
        entry_type,
        entry_id,
        rule_group,
        subscore,
        cast(points as decimal(18, 6)) as points
    from corrections
    where points <> 0

)

select * from final
