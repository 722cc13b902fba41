-- Whom would we like to have who does not know it yet? Leads in the best quarter by fit that have no behaviour left: marketing's list, not that of sales.
with ranked as (

    select
        *,
        ntile(4) over (partition by score_model order by fit_points desc, lead_id) as fit_quarter
    from {{ ref('fct_lead_scores') }}
    where not is_excluded

)

select
    ranked.score_model,
    leads.email,
    leads.company,
    leads.job_title,
    leads.owner,
    ranked.fit_points,
    ranked.behaviour_points,
    ranked.last_activity_on
from ranked
inner join {{ ref('dim_leads') }} as leads on ranked.lead_id = leads.lead_id
where ranked.fit_quarter = 1
    and ranked.behaviour_points <= 0
order by ranked.score_model, ranked.fit_points desc, ranked.lead_id
