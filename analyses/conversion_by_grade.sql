-- Do better grades win more? The grades of outcome_window_days ago against what was won since.
select
    scores.score_model,
    scores.grade,
    count(*) as leads,
    sum(case when leads_backtested.is_won then 1 else 0 end) as conversions,
    avg(case when leads_backtested.is_won then 1.0 else 0.0 end) as conversion_rate
from {{ ref('int_lead_scores') }} as scores
inner join {{ ref('int_leads_backtested') }} as leads_backtested
    on scores.lead_id = leads_backtested.lead_id
    and scores.scored_on = leads_backtested.scored_on
group by scores.score_model, scores.grade
order by scores.score_model, scores.grade
