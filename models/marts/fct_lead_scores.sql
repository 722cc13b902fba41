-- Grain: lead, score model. The score on the as_of_date with all that a person needs to act on it.
with scores as (

    select * from {{ ref('int_lead_scores') }}
    where days_before = 0

),

-- The trend compares the published integers.
earlier_scores as (

    select
        lead_id,
        score_model,
        max(case when days_before = 7 then score end) as score_7d_ago,
        max(case when days_before = 30 then score end) as score_30d_ago
    from {{ ref('int_lead_scores') }}
    where days_before in (7, 30)
    group by lead_id, score_model

),

reasons as (

    select * from {{ ref('int_lead_reasons') }}

),

score_models as (

    select * from {{ ref('stg_config__score_models') }}

),

segments as (

    select * from {{ ref('stg_config__segments') }}

),

grid_version as (

    select * from {{ ref('int_grid_version') }}

),

ranked as (

    select
        scores.*,
        case
            when not scores.is_excluded
                then row_number() over (
                    partition by scores.score_model, scores.is_excluded
                    order by scores.score_exact desc, scores.last_activity_on desc nulls last, scores.lead_id
                )
        end as score_rank
    from scores

),

compared as (

    select
        ranked.*,
        earlier_scores.score_7d_ago,
        earlier_scores.score_30d_ago,
        case
            when earlier_scores.score_7d_ago is null then 'new'
            when ranked.score - earlier_scores.score_7d_ago >= score_models.trend_threshold then 'rising'
            when earlier_scores.score_7d_ago - ranked.score >= score_models.trend_threshold then 'falling'
            else 'steady'
        end as trend
    from ranked
    inner join score_models on ranked.score_model = score_models.score_model
    left join earlier_scores
        on ranked.lead_id = earlier_scores.lead_id
        and ranked.score_model = earlier_scores.score_model

),

final as (

    select
        compared.lead_id,
        compared.score_model,
        compared.scored_on as as_of_date,
        compared.behaviour_points,
        compared.fit_points,
        compared.negative_points,
        compared.cycle_points,
        compared.manual_points,
        compared.raw_score,
        compared.score_exact,
        compared.score,
        compared.score_rank,
        compared.grade,
        compared.segment,
        compared.segment_reason,
        coalesce(segments.temperature, 'cold') as temperature,
        reasons.stage,
        compared.score_7d_ago,
        compared.score_30d_ago,
        compared.trend,
        compared.is_excluded,
        compared.last_activity_on,
        coalesce(reasons.top_reasons, '') as top_reasons,
        grid_version.grid_version,
        cast('{{ invocation_id }}' as string) as run_id
    from compared
    cross join grid_version
    left join segments
        on compared.score_model = segments.score_model
        and compared.segment = segments.segment
    left join reasons
        on compared.lead_id = reasons.lead_id
        and compared.score_model = reasons.score_model

)

select * from final
