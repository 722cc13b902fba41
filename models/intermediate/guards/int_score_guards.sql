-- Grain: guard, score model. What the guards look at in the scores, beside those that were published last before the as_of_date.
with published_scores as (

    select * from {{ ref('int_daily_scores_published') }}
    where published_on < {{ lead_scoring.as_of_date() }}

),

scores as (

    select * from {{ ref('fct_lead_scores') }}

),

score_models as (

    select * from {{ ref('stg_config__score_models') }}

),

last_published as (

    select
        lead_id,
        score_model,
        max(published_on) as published_on
    from published_scores
    group by lead_id, score_model

),

earlier_scores as (

    select
        published_scores.lead_id,
        published_scores.score_model,
        published_scores.score,
        published_scores.segment
    from published_scores
    inner join last_published
        on published_scores.lead_id = last_published.lead_id
        and published_scores.score_model = last_published.score_model
        and published_scores.published_on = last_published.published_on
    where not published_scores.is_gone

),

leads_compared as (

    select
        earlier_scores.score_model,
        count(*) as lead_count,
        sum(case when scores.segment <> earlier_scores.segment then 1 else 0 end) as moved_count
    from earlier_scores
    left join scores
        on earlier_scores.lead_id = scores.lead_id
        and earlier_scores.score_model = scores.score_model
    group by earlier_scores.score_model

),

leads_counted as (

    select
        score_model,
        count(*) as lead_count
    from scores
    group by score_model

),

-- Of a few leads a day's fading moves many.
models_with_many_leads as (

    select score_model, lead_count, moved_count from leads_compared
    where lead_count >= {{ var('lead_scoring_guard_least_leads') }}

),

both_scores as (

    select score_model, score, 1 as is_earlier, 0 as is_later from earlier_scores
    union all
    select score_model, score, 0 as is_earlier, 1 as is_later from scores

),

scores_banded as (

    select
        both_scores.score_model,
        both_scores.is_earlier,
        both_scores.is_later,
        models_with_many_leads.lead_count as earlier_count,
        leads_counted.lead_count as later_count,
        floor((both_scores.score - score_models.score_min) * {{ var('lead_scoring_drift_bands') }} / (score_models.score_max - score_models.score_min)) as band
    from both_scores
    inner join models_with_many_leads on both_scores.score_model = models_with_many_leads.score_model
    inner join leads_counted on both_scores.score_model = leads_counted.score_model
    inner join score_models on both_scores.score_model = score_models.score_model

),

-- Half a lead more in each band, so that an empty one has a logarithm.
bands as (

    select
        score_model,
        band,
        (sum(is_earlier) + 0.5) / (max(earlier_count) + 0.5 * {{ var('lead_scoring_drift_bands') }}) as earlier_share,
        (sum(is_later) + 0.5) / (max(later_count) + 0.5 * {{ var('lead_scoring_drift_bands') }}) as later_share
    from scores_banded
    group by score_model, band

),

final as (

    select 'leads_kept' as guard, leads_compared.score_model as subject, {{ lead_scoring.ratio('coalesce(leads_counted.lead_count, 0)', 'leads_compared.lead_count') }} as figure
    from leads_compared
    left join leads_counted on leads_compared.score_model = leads_counted.score_model
    union all
    select 'share_of_leads_moved' as guard, score_model as subject, {{ lead_scoring.ratio('moved_count', 'lead_count') }} as figure
    from models_with_many_leads
    union all
    select 'score_drift' as guard, score_model as subject, cast(sum((later_share - earlier_share) * ln(later_share / earlier_share)) as decimal(18, 6)) as figure
    from bands
    group by score_model

)

select * from final
