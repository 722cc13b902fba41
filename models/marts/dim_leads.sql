-- Grain: lead. Who they are on the as_of_date.
with lead_traits as (

    select * from {{ ref('int_lead_traits') }}
    where days_before = 0

),

default_score_models as (

    select score_model from {{ ref('stg_config__score_models') }}
    where is_default

),

lapses as (

    select
        lead_cycles.lead_id,
        lead_cycles.is_lapsed
    from {{ ref('int_lead_cycles') }} as lead_cycles
    inner join default_score_models on lead_cycles.score_model = default_score_models.score_model
    where lead_cycles.scored_on = {{ lead_scoring.as_of_date() }}

),

final as (

    select
        lead_traits.lead_id,
        lead_traits.email,
        lead_traits.contact_id,
        lead_traits.first_seen_on,
        lead_traits.last_activity_on,
        lead_traits.created_at,
        lead_traits.first_name,
        lead_traits.last_name,
        lead_traits.company,
        lead_traits.company_domain,
        lead_traits.job_title,
        lead_traits.seniority,
        lead_traits.department,
        lead_traits.industry,
        lead_traits.country,
        lead_traits.city,
        lead_traits.employee_count,
        lead_traits.annual_revenue,
        lead_traits.lead_source,
        lead_traits.persona,
        lead_traits.phone,
        lead_traits.age,
        lead_traits.cycle_months,
        lead_traits.owner,
        lead_traits.lifecycle_stage,
        lead_traits.enriched_at,
        lead_traits.is_email_opted_out,
        lead_traits.has_marketing_consent,
        lead_traits.consented_at,
        coalesce(lapses.is_lapsed, false) as is_lapsed
    from lead_traits
    left join lapses on lead_traits.lead_id = lapses.lead_id

)

select * from final
