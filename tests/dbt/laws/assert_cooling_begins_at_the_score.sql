-- What decay makes of a score in no time at all is the score.
select
    leads.lead_id,
    leads.score_model,
    leads.score_exact,
    stretches.score_exact as score_ahead
from {{ ref('int_cooling_leads') }} as leads
left join {{ ref('int_cooling_stretches') }} as stretches
    on leads.lead_id = stretches.lead_id
    and leads.score_model = stretches.score_model
    and stretches.days_ahead = 0
where stretches.score_exact is null or stretches.score_exact <> leads.score_exact
