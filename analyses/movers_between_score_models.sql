-- Whom would another score model treat differently? Pairs of score models, and the leads whose segment they see differently.
-- To try a change of the grid: copy the score model's rows under a new name, change them, build, and compare here.
select
    leads.email,
    before.score_model as score_model_before,
    after.score_model as score_model_after,
    before.segment as segment_before,
    after.segment as segment_after,
    before.score as score_before,
    after.score as score_after,
    before.top_reasons as reasons_before,
    after.top_reasons as reasons_after
from {{ ref('fct_lead_scores') }} as before
inner join {{ ref('fct_lead_scores') }} as after
    on before.lead_id = after.lead_id
    and before.score_model < after.score_model
inner join {{ ref('dim_leads') }} as leads on before.lead_id = leads.lead_id
where before.segment <> after.segment
order by abs(after.score - before.score) desc, leads.lead_id
