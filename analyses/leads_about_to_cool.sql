-- Who will fall below the segment of today if nobody calls, and when? The first of the dates ahead on which the score gives a lower segment.
-- Between two dates ahead a fall is not seen; lead_scoring_outlook_days says which there are.
with now as (

    select
        scores.lead_id,
        scores.score_model,
        scores.score,
        segments.rank,
        segments.label
    from {{ ref('fct_lead_scores') }} as scores
    inner join {{ ref('dim_segments') }} as segments
        on scores.score_model = segments.score_model
        and scores.segment = segments.segment
    where not scores.is_excluded

),

-- Not by row_number: DuckDB 1.5 fails with an internal error where the first of a window is asked for over these views.
falls as (

    select
        now.lead_id,
        now.score_model,
        now.score,
        now.rank,
        now.label,
        min(dated.scored_on) as falls_on,
        min_by(dated.score, dated.scored_on) as score_then,
        min_by(segments.label, dated.scored_on) as segment_then
    from now
    inner join {{ ref('fct_lead_scores_dated') }} as dated
        on now.lead_id = dated.lead_id
        and now.score_model = dated.score_model
        and dated.days_ahead > 0
    inner join {{ ref('dim_segments') }} as segments
        on dated.score_model = segments.score_model
        and dated.segment = segments.segment
    where segments.rank < now.rank
    group by now.lead_id, now.score_model, now.score, now.rank, now.label

)

select
    falls.score_model,
    leads.email,
    leads.owner,
    falls.score,
    falls.label as segment,
    falls.falls_on,
    falls.score_then,
    falls.segment_then
from falls
inner join {{ ref('dim_leads') }} as leads on falls.lead_id = leads.lead_id
order by falls.score_model, falls.rank desc, falls.falls_on, falls.score desc, falls.lead_id
