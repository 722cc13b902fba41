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
            subscore_points.{{ subscore }}_weighted{{ ' +' if not loop.last }}
            {%- endfor %} as decimal(18, 6)
        ) as raw_score
    from subscore_points

),

-- Where a score model states no raw_max, the largest score of all is it.
largest_raw_scores as (

    select
        subscores_summed.score_model,
        subscores_summed.scored_on,
        max(subscores_summed.raw_score) as largest_raw_score
    from subscores_summed
    inner join score_models
        on subscores_summed.score_model = score_models.score_model
        and score_models.normalisation in ('scale', 'sqrt')
        and score_models.raw_max is null
    group by subscores_summed.score_model, subscores_summed.scored_on

),

maxima_set as (

    select
        subscores_summed.*,
        score_models.normalisation,
        score_models.score_min,
        score_models.score_max,
        coalesce(cast(score_models.raw_max as decimal(18, 6)), largest_raw_scores.largest_raw_score) as raw_max
    from subscores_summed
    inner join score_models on subscores_summed.score_model = score_models.score_model
    left join largest_raw_scores
        on subscores_summed.score_model = largest_raw_scores.score_model
        and subscores_summed.scored_on = largest_raw_scores.scored_on

),

-- Of nothing there is no share: where nobody is above 0, everybody is at 0.
shares_of_maximum as (

    select
        *,
        case
            when raw_max > 0 and normalisation = 'scale'
                then {{ lead_scoring.divided('cast(score_max as decimal(20, 4)) * raw_score', 'nullif(greatest(raw_max, 0), 0)') }}
            when raw_max > 0 and normalisation = 'sqrt'
                then {{ lead_scoring.divided('least(greatest(raw_score, 0), raw_max)', 'nullif(greatest(raw_max, 0), 0)') }}
            else 0
        end as share
    from maxima_set

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
        {{ subscore }}_weighted,
        {%- endfor %}
        raw_score,
        score_normalised,
        score_exact,
        cast(cast(score_exact as decimal(18, 0)) as int) as score
    from bounded

)

select * from final
