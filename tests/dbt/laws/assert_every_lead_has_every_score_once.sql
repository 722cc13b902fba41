-- The law: every lead has a score in every score model, exactly one, and nobody else has.
with expected as (

    select
        leads.lead_id,
        score_models.score_model
    from {{ ref('dim_leads') }} as leads
    cross join {{ ref('stg_config__score_models') }} as score_models

),

found as (

    select
        lead_id,
        score_model,
        count(*) as row_count
    from {{ ref('fct_lead_scores') }}
    group by lead_id, score_model

)

select
    expected.lead_id,
    found.lead_id as found_lead_id,
    expected.score_model,
    found.row_count
from expected
full outer join found
    on expected.lead_id = found.lead_id
    and expected.score_model = found.score_model
where expected.lead_id is null
    or coalesce(found.row_count, 0) <> 1
