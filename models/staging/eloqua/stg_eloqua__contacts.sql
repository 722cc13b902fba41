-- Grain: contact version as delivered. Fields that an account does not have are null.
{{ config(enabled='eloqua' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('eloqua', 'contacts') }}

),

renamed as (

    select
        -- ids
        coalesce(id, contactid) as contact_id,
        coalesce(c_emailaddress, emailaddress) as email,
        -- strings
        c_firstname as first_name,
        c_lastname as last_name,
        coalesce(c_company, accountname) as company,
        {{ lead_scoring.website_domain('c_website1') }} as company_domain,
        coalesce(c_title, c_job_title1) as job_title,
        c_job_role1 as department,
        c_industry1 as industry,
        c_country as country,
        c_city as city,
        coalesce(c_lead_source___original1, c_lead_source___most_recent1) as lead_source,
        coalesce(c_busphone, c_mobilephone) as phone,
        c_salesperson as owner,  -- noqa: RF04
        coalesce(c_integrated_marketing_and_sales_funnel_stage, c_lead_status1) as lifecycle_stage,
        -- numbers
        -- Picklists offer ranges like 25-50 and 1000+: the lower end is what is certain.
        {{ lead_scoring.text_to_integer(lead_scoring.lower_end('coalesce(c_employees1, c_company_size1)')) }} as employee_count,
        coalesce(c_annual_revenue1, c_company_revenue1) as annual_revenue,
        -- booleans
        not issubscribed as is_email_opted_out,
        -- times
        coalesce(createdat, c_datecreated) as created_at,
        coalesce(updatedat, c_datemodified, createdat, c_datecreated) as updated_at,
        coalesce(_sdc_batched_at, updatedat, c_datemodified, createdat, c_datecreated) as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('contacts') }},

        -- Being subscribed is the default in Eloqua, and no consent. Visitors are known by their activities.
        {{ lead_scoring.null_columns('contacts', [
            'anonymous_id', 'seniority', 'persona', 'age', 'cycle_months', 'has_marketing_consent', 'consented_at', 'enriched_at',
        ]) }}
    from source

)

select * from renamed
