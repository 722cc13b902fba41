-- Grain: lead, score model, scored date. From the raw score to the score: normalised, within the bounds of the score model.
{{ config(materialized='view') }}

with subscore_points as (

    select * from {{ ref('int_subscore_points') }}

),

score_models as (

    select * from {{ ref('stg_config__score_models') }}

),

-- Where a score model states no raw_max, the largest score of all is it. Read by itself, so that it is not read where every score model states one.
largest_raw_scores as (

    select
        subscore_points.score_model,
        subscore_points.scored_on,
        max(subscore_points.raw_score) as largest_raw_score
    from {{ ref('int_subscore_points') }} as subscore_points
    inner join score_models
        on subscore_points.score_model = score_models.score_model
        and score_models.normalisation in ('scale', 'sqrt')
        and score_models.raw_max is null
    group by subscore_points.score_model, subscore_points.scored_on

),

maxima_set as (

    select
        subscore_points.*,
        score_models.normalisation,
        score_models.score_min,
        score_models.score_max,
        coalesce(cast(score_models.raw_max as decimal(18, 6)), largest_raw_scores.largest_raw_score) as raw_max
    from subscore_points
    inner join score_models on subscore_points.score_model = score_models.score_model
    left join largest_raw_scores
        on subscore_points.score_model = largest_raw_scores.score_model
        and subscore_points.scored_on = largest_raw_scores.scored_on

),

shares_of_maximum as (

    select
        *,
        {{ lead_scoring.share_of_maximum('raw_score', 'raw_max', 'normalisation', 'score_max') }} as share
    from maxima_set

),

normalised as (

    select
        *,
        {{ lead_scoring.normalised_score('raw_score', 'share', 'normalisation', 'score_max') }} as score_normalised
    from shares_of_maximum

),

bounded as (

    select
        *,
        {{ lead_scoring.clipped('score_normalised', 'score_min', 'score_max') }} as score_exact
    from normalised

),

final as (

    select
        lead_id,
        score_model,
        scored_on,
        days_before,
        last_activity_on,
        {%- for subscore in lead_scoring.subscores() %}
        {{ subscore }}_summed,
        {{ subscore }}_points,
        {{ subscore }}_weighted,
        {%- endfor %}
        raw_score,
        score_normalised,
        score_exact,
        cast(cast(score_exact as decimal(18, 0)) as int) as score
    from bounded

)

select * from final
