-- The law: score models agree within what numbers allow, every pair once, and about the leads that both score.
with leads_shared as (

    select
        scores.score_model,
        other_scores.score_model as other_score_model,
        count(*) as lead_count
    from {{ ref('fct_lead_scores') }} as scores
    inner join {{ ref('fct_lead_scores') }} as other_scores on scores.lead_id = other_scores.lead_id
    where scores.score_model < other_scores.score_model and not scores.is_excluded and not other_scores.is_excluded
    group by scores.score_model, other_scores.score_model

)

select agreement.*
from {{ ref('rpt_model_agreement') }} as agreement
full outer join leads_shared
    on agreement.score_model = leads_shared.score_model
    and agreement.other_score_model = leads_shared.other_score_model
where agreement.score_model is null
    or agreement.score_model >= agreement.other_score_model
    or agreement.lead_count <> coalesce(leads_shared.lead_count, 0)
    or abs(agreement.spearman_correlation) > 1
    or agreement.top_decile_overlap not between 0 and 1
    or agreement.top_decile_size not between agreement.lead_count / 10.0 and agreement.lead_count / 10.0 + 1
    or agreement.leads_in_different_segments > agreement.lead_count
    or agreement.leads_at_different_temperatures > agreement.lead_count
