-- Grain: answer of Datagma as delivered: what is known of a person beside what the person and sales said. Unsure answers are withheld.
{{ config(enabled='datagma' in var('lead_scoring_sources')) }}

with enrichments as (

    select * from {{ ref('base_datagma__enrichments') }}

),

final as (

    select
        -- ids
        contact_id,
        email,
        -- strings
        first_name,
        last_name,
        company,
        company_domain,
        job_title,
        seniority,
        department,
        industry,
        country,
        city,
        phone,
        -- numbers
        employee_count,
        annual_revenue,
        {{ lead_scoring.null_columns('contacts', [
            'anonymous_id', 'lead_source', 'persona', 'age', 'cycle_months', 'is_email_opted_out', 'has_marketing_consent', 'consented_at', 'owner',
            'lifecycle_stage',
        ]) }},
        -- times
        enriched_at,
        enriched_at as created_at,
        enriched_at as updated_at,
        loaded_at,

        -- provenance
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from enrichments
    -- At 0 nothing is withheld, not even answers that do not say how sure they are.
    where coalesce(person_confidence_score, 0) >= {{ var('lead_scoring_datagma_min_confidence') }}

)

select * from final
