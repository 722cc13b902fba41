-- Grain: lead that Acme calls. A model of one's own on top of the package's marts.
select
    leads.email,
    scores.score,
    scores.segment,
    scores.top_reasons
from {{ ref('lead_scoring', 'fct_lead_scores') }} as scores
inner join {{ ref('lead_scoring', 'dim_leads') }} as leads on scores.lead_id = leads.lead_id
where scores.segment = 'call'
