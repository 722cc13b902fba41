-- Grain: pair of score models, each pair once. How far two score models say the same of the leads that neither excludes.
-- Ranks are whole numbers when they are doubled, so all sums are exact; only the last quotient is a double, and it is rounded.
with score_models as (

    select * from {{ ref('stg_config__score_models') }}

),

scores as (

    select * from {{ ref('fct_lead_scores') }}
    where not is_excluded

),

model_pairs as (

    select
        score_models.score_model,
        other_models.score_model as other_score_model
    from score_models
    inner join score_models as other_models on score_models.score_model < other_models.score_model

),

scores_paired as (

    select
        scores.score_model,
        other_scores.score_model as other_score_model,
        scores.score_exact,
        other_scores.score_exact as other_score_exact,
        row_number() over (partition by scores.score_model, other_scores.score_model order by scores.score_rank) as place,
        row_number() over (partition by scores.score_model, other_scores.score_model order by other_scores.score_rank) as other_place,
        count(*) over (partition by scores.score_model, other_scores.score_model) as lead_count,
        case when scores.segment <> other_scores.segment then 1 else 0 end as differs_in_segment,
        case when scores.temperature <> other_scores.temperature then 1 else 0 end as differs_in_temperature
    from scores
    inner join scores as other_scores
        on scores.lead_id = other_scores.lead_id
        and scores.score_model < other_scores.score_model

),

-- Leads of equal score share the mean of their positions: twice that is the first of them plus the last. Less the mean over all leads, the sum is 0.
ranked as (

    select
        score_model,
        other_score_model,
        differs_in_segment,
        differs_in_temperature,
        min(place) over (partition by score_model, other_score_model, score_exact)
        + max(place) over (partition by score_model, other_score_model, score_exact)
        - lead_count - 1 as doubled_rank,
        min(other_place) over (partition by score_model, other_score_model, other_score_exact)
        + max(other_place) over (partition by score_model, other_score_model, other_score_exact)
        - lead_count - 1 as other_doubled_rank,
        -- The top tenth is rounded up: of 11 leads it is two.
        case when place * 10 < lead_count + 10 then 1 else 0 end as is_on_top,
        case when other_place * 10 < lead_count + 10 then 1 else 0 end as is_on_top_of_other
    from scores_paired

),

sums as (

    select
        score_model,
        other_score_model,
        count(*) as lead_count,
        sum(cast(doubled_rank * other_doubled_rank as decimal(18, 0))) as products,
        sum(cast(doubled_rank * doubled_rank as decimal(18, 0))) as squares,
        sum(cast(other_doubled_rank * other_doubled_rank as decimal(18, 0))) as other_squares,
        sum(is_on_top) as top_decile_size,
        sum(is_on_top * is_on_top_of_other) as top_decile_shared,
        sum(differs_in_segment) as leads_in_different_segments,
        sum(differs_in_temperature) as leads_at_different_temperatures
    from ranked
    group by score_model, other_score_model

),

final as (

    select
        model_pairs.score_model,
        model_pairs.other_score_model,
        {{ lead_scoring.as_of_date() }} as as_of_date,
        cast(coalesce(sums.lead_count, 0) as bigint) as lead_count,
        case
            when sums.squares > 0 and sums.other_squares > 0
                then cast(
                    cast(sums.products as double) / (sqrt(cast(sums.squares as double)) * sqrt(cast(sums.other_squares as double))) as decimal(7, 6)
                )
        end as spearman_correlation,
        cast(coalesce(sums.top_decile_size, 0) as bigint) as top_decile_size,
        case
            when sums.top_decile_size > 0
                then cast({{ lead_scoring.divided('sums.top_decile_shared', 'greatest(sums.top_decile_size, 1)') }} as decimal(7, 6))
        end as top_decile_overlap,
        cast(coalesce(sums.leads_in_different_segments, 0) as bigint) as leads_in_different_segments,
        cast(coalesce(sums.leads_at_different_temperatures, 0) as bigint) as leads_at_different_temperatures
    from model_pairs
    left join sums
        on model_pairs.score_model = sums.score_model
        and model_pairs.other_score_model = sums.other_score_model

)

select * from final
