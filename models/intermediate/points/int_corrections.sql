-- Grain: lead, score model, scored date, correction that is not 0. What groups, bounds, weights and normalisation took or gave: with these the ledger closes.
{{ config(materialized='view') }}

with group_points as (

    {{ lead_scoring.rows_by_scored_date(ref('int_group_points'), ['lead_id', 'score_model', 'subscore', 'rule_group'], ['points', 'points_summed', 'points_combined']) }}

),

scores as (

    select * from {{ ref('int_lead_scores') }}

),

group_steps as (

    select 'group_combine' as entry_type
    union all
    select 'group_bound' as entry_type

),

score_steps as (

    {%- for subscore in lead_scoring.subscores() %}
    select 'subscore_bound' as entry_type, '{{ subscore }}' as subscore
    union all
    select 'subscore_weight' as entry_type, '{{ subscore }}' as subscore
    union all
    {%- endfor %}
    select 'normalisation' as entry_type, cast(null as string) as subscore
    union all
    select 'score_bound' as entry_type, cast(null as string) as subscore

),

corrections as (

    select
        group_points.lead_id,
        group_points.score_model,
        group_points.scored_on,
        group_steps.entry_type,
        group_points.rule_group as entry_id,
        group_points.rule_group,
        group_points.subscore,
        case group_steps.entry_type
            when 'group_combine' then group_points.points_combined - group_points.points_summed
            when 'group_bound' then group_points.points - group_points.points_combined
        end as points
    from group_points
    cross join group_steps
    where group_points.rule_group is not null
    union all
    select
        scores.lead_id,
        scores.score_model,
        scores.scored_on,
        score_steps.entry_type,
        coalesce(score_steps.subscore, scores.score_model) as entry_id,
        cast(null as string) as rule_group,
        score_steps.subscore,
        case score_steps.entry_type
            when 'subscore_bound' then
                case score_steps.subscore
                    {%- for subscore in lead_scoring.subscores() %}
                    when '{{ subscore }}' then scores.{{ subscore }}_points - scores.{{ subscore }}_summed
                    {%- endfor %}
                end
            when 'subscore_weight' then
                case score_steps.subscore
                    {%- for subscore in lead_scoring.subscores() %}
                    when '{{ subscore }}' then scores.{{ subscore }}_weighted - scores.{{ subscore }}_points
                    {%- endfor %}
                end
            when 'normalisation' then scores.score_normalised - scores.raw_score
            when 'score_bound' then scores.score_exact - scores.score_normalised
        end as points
    from scores
    cross join score_steps

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
