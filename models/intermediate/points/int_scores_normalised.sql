-- Grain: lead, score model, scored date. From the subscores to the score: summed, normalised, within the bounds of the score model.
with subscore_points as (

    select * from {{ ref('int_subscore_points') }}

),

score_models as (

    select * from {{ ref('stg_config__score_models') }}

),

subscores_summed as (

    select
        subscore_points.*,
        cast(
            {%- for subscore in lead_scoring.subscores() %}
            subscore_points.{{ subscore }}_points{{ ' +' if not loop.last }}
            {%- endfor %} as decimal(18, 6)
        ) as raw_score
    from subscore_points

),

shares_of_maximum as (

    select
        subscores_summed.*,
        score_models.normalisation,
        score_models.score_min,
        score_models.score_max,
        case
            when score_models.normalisation = 'scale'
                then {{ lead_scoring.divided('cast(score_models.score_max as decimal(20, 4)) * subscores_summed.raw_score', 'coalesce(score_models.raw_max, 1)') }}
            when score_models.normalisation = 'sqrt'
                then {{ lead_scoring.divided(
                    'least(greatest(subscores_summed.raw_score, 0), score_models.raw_max)', 'coalesce(score_models.raw_max, 1)'
                ) }}
        end as share
    from subscores_summed
    inner join score_models on subscores_summed.score_model = score_models.score_model

),

normalised as (

    select
        *,
        cast(
            case normalisation
                when 'scale' then share
                when 'sqrt' then cast(score_max as decimal(24, 4)) * {{ lead_scoring.square_root('share') }}
                else raw_score
            end as decimal(18, 6)
        ) as score_normalised
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
        {%- endfor %}
        raw_score,
        score_normalised,
        score_exact,
        cast(cast(score_exact as decimal(18, 0)) as int) as score
    from bounded

)

select * from final
