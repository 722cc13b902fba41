-- Grain: lead. Who they are on the as_of_date.
with lead_days as (

    select * from {{ ref('int_lead_days') }}
    where days_before = 0

),

lead_profiles as (

    select * from {{ ref('int_lead_profiles') }}
    where held_from_on <= {{ lead_scoring.as_of_date() }}
        and held_until_on >= {{ lead_scoring.as_of_date() }}

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
        lead_days.lead_id,
        lead_days.email,
        lead_profiles.contact_id,
        lead_days.first_seen_on,
        lead_days.last_activity_on,
        lead_profiles.created_at,
        lead_profiles.first_name,
        lead_profiles.last_name,
        lead_profiles.company,
        lead_profiles.company_domain,
        lead_profiles.job_title,
        lead_profiles.seniority,
        lead_profiles.department,
        lead_profiles.industry,
        lead_profiles.country,
        lead_profiles.city,
        lead_profiles.employee_count,
        lead_profiles.annual_revenue,
        lead_profiles.lead_source,
        lead_profiles.persona,
        lead_profiles.phone,
        lead_profiles.age,
        lead_profiles.cycle_months,
        lead_profiles.owner,
        lead_profiles.lifecycle_stage,
        lead_profiles.enriched_at,
        lead_profiles.is_email_opted_out,
        lead_profiles.has_marketing_consent,
        lead_profiles.consented_at,
        coalesce(lapses.is_lapsed, false) as is_lapsed
    from lead_days
    inner join lead_profiles on lead_days.lead_id = lead_profiles.lead_id
    left join lapses on lead_days.lead_id = lapses.lead_id

)

select * from final
