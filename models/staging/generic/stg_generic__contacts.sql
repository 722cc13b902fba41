-- Grain: contact version as delivered.
{{ config(enabled='generic' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('generic', 'contacts') }}

),

renamed as (

    select
        -- ids
        contact_id,
        email,
        anonymous_id,
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
        lead_source,
        persona,
        phone,
        owner,
        lifecycle_stage,
        -- numbers
        employee_count,
        annual_revenue,
        age,
        cycle_months,
        -- booleans
        is_email_opted_out,
        has_marketing_consent,
        -- times
        created_at,
        updated_at,
        consented_at,
        enriched_at,
        loaded_at,

        -- provenance
        _raw_unreadable as unreadable_columns,
        'contacts' as raw_table,
        _raw_file as raw_file,
        _raw_row as raw_row,
        _raw_text as raw_text
    from source

)

select * from renamed
