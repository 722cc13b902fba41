-- The law: the trend says what the two published integers say, rising and falling from the score model's threshold on; new is exactly who was not there 7 days
-- before, and whoever was there 30 days before was there 7 days before.
with scores as (

    select
        scores.lead_id,
        scores.score_model,
        scores.score,
        scores.score_7d_ago,
        scores.score_30d_ago,
        scores.trend,
        score_models.trend_threshold,
        leads.first_seen_on > {{ lead_scoring.days_after('scores.as_of_date', -7) }} as is_first_seen_since
    from {{ ref('fct_lead_scores') }} as scores
    inner join {{ ref('dim_leads') }} as leads on scores.lead_id = leads.lead_id
    inner join {{ ref('stg_config__score_models') }} as score_models on scores.score_model = score_models.score_model

)

select *
from scores
where is_first_seen_since <> (trend = 'new')
    or is_first_seen_since <> (score_7d_ago is null)
    or (score_7d_ago is null and score_30d_ago is not null)
    or (trend = 'rising') <> coalesce(score - score_7d_ago >= trend_threshold, false)
    or (trend = 'falling') <> coalesce(score_7d_ago - score >= trend_threshold, false)
