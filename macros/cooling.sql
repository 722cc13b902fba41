{# The steps that end in `decayed_scores`: what the scores of `candidates` (lead_id, score_model, days_ahead) would be so many days after the as_of_date if nothing
   changed but the age of what the leads did. Windows, silences and the purchase cycle stand still. int_cooling_entries says what each score is made of. #}
{% macro decayed_scores(candidates) -%}
cooling_entries as (

    select * from {{ ref('int_cooling_entries') }}

),

decay_factors as (

    select * from {{ ref('int_decay_factors') }}

),

rule_groups as (

    select * from {{ ref('stg_config__rule_groups') }}

),

subscore_bounds as (

    select * from {{ ref('stg_config__subscore_bounds') }}

),

score_models as (

    select * from {{ ref('stg_config__score_models') }}

),

entries_aged as (

    select
        {{ candidates }}.lead_id,
        {{ candidates }}.score_model,
        {{ candidates }}.days_ahead,
        cooling_entries.entry_id,
        cooling_entries.subscore,
        cooling_entries.rule_group,
        cooling_entries.max_points,
        case
            when cooling_entries.decay_id is null then cooling_entries.points
            else cast(cast(cooling_entries.points as decimal(24, 6)) * decay_factors.factor as decimal(18, 6))
        end as points
    from {{ candidates }}
    inner join cooling_entries
        on {{ candidates }}.lead_id = cooling_entries.lead_id
        and {{ candidates }}.score_model = cooling_entries.score_model
    left join decay_factors
        on cooling_entries.decay_id = decay_factors.decay_id
        and cooling_entries.age + {{ candidates }}.days_ahead = decay_factors.age

),

entries_capped as (

    select
        lead_id,
        score_model,
        days_ahead,
        subscore,
        rule_group,
        {{ lead_scoring.clipped('sum(points)', '-max_points', 'max_points') }} as points
    from entries_aged
    group by lead_id, score_model, days_ahead, entry_id, subscore, rule_group, max_points

),

groups_summed as (

    select
        entries_capped.lead_id,
        entries_capped.score_model,
        entries_capped.days_ahead,
        entries_capped.subscore,
        {{ lead_scoring.clipped("case when rule_groups.combine = 'max' then max(entries_capped.points) else sum(entries_capped.points) end", 'rule_groups.min_points', 'rule_groups.max_points') }} as points
    from entries_capped
    left join rule_groups
        on entries_capped.score_model = rule_groups.score_model
        and entries_capped.rule_group = rule_groups.rule_group
    group by
        entries_capped.lead_id, entries_capped.score_model, entries_capped.days_ahead, entries_capped.subscore, entries_capped.rule_group,
        rule_groups.combine, rule_groups.min_points, rule_groups.max_points

),

subscores_summed as (

    select
        groups_summed.lead_id,
        groups_summed.score_model,
        groups_summed.days_ahead,
        cast(
            cast({{ lead_scoring.clipped('sum(groups_summed.points)', 'subscore_bounds.min_points', 'subscore_bounds.max_points') }} as decimal(28, 6))
            * coalesce(subscore_bounds.weight, 1) as decimal(18, 6)
        ) as points
    from groups_summed
    left join subscore_bounds
        on groups_summed.score_model = subscore_bounds.score_model
        and groups_summed.subscore = subscore_bounds.subscore
    group by
        groups_summed.lead_id, groups_summed.score_model, groups_summed.days_ahead, groups_summed.subscore,
        subscore_bounds.min_points, subscore_bounds.max_points, subscore_bounds.weight

),

raw_scores as (

    select
        lead_id,
        score_model,
        days_ahead,
        cast(sum(points) as decimal(18, 6)) as raw_score
    from subscores_summed
    group by lead_id, score_model, days_ahead

),

shares_of_maximum as (

    select
        raw_scores.*,
        score_models.normalisation,
        score_models.score_min,
        score_models.score_max,
        {{ lead_scoring.share_of_maximum('raw_scores.raw_score', 'cast(score_models.raw_max as decimal(18, 6))', 'score_models.normalisation', 'score_models.score_max') }} as share
    from raw_scores
    inner join score_models on raw_scores.score_model = score_models.score_model

),

decayed_scores as (

    select
        lead_id,
        score_model,
        days_ahead,
        {{ lead_scoring.clipped(lead_scoring.normalised_score('raw_score', 'share', 'normalisation', 'score_max'), 'score_min', 'score_max') }} as score_exact
    from shares_of_maximum

)
{%- endmacro %}


{# Whether any destination that is on asks for the date on which a score cools down. #}
{% macro is_cooling_asked_for() -%}
    exists (
        select 1
        from {{ ref('stg_config__destination_fields') }} as fields_asked
        inner join {{ ref('stg_config__destinations') }} as destinations_asking on fields_asked.destination = destinations_asking.destination
        where fields_asked.field = 'cools_down_on' and destinations_asking.is_on
    )
{%- endmacro %}


{# So many days has a week. #}
{% macro days_of_a_week() -%} 7 {%- endmacro %}
