-- Who moved most in the last seven days, and by what? Falls stand beside rises: both want a look.
-- It does not say what they did on which day: fct_lead_activity does.
select
    scores.score_model,
    leads.email,
    leads.company,
    leads.owner,
    scores.score_7d_ago,
    scores.score,
    scores.score - scores.score_7d_ago as change,
    scores.segment,
    scores.top_reasons
from {{ ref('fct_lead_scores') }} as scores
inner join {{ ref('dim_leads') }} as leads on scores.lead_id = leads.lead_id
where not scores.is_excluded
    and scores.score <> scores.score_7d_ago
order by abs(scores.score - scores.score_7d_ago) desc, scores.score_model, scores.lead_id
