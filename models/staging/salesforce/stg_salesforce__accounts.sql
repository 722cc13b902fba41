-- Grain: account version as delivered. A company without a website leads to no contact, and is delivered all the same.
{{ config(enabled='salesforce' in var('lead_scoring_sources')) }}

with source as (

    {{ lead_scoring.salesforce_versions('account') }}

),

renamed as (

    select
        -- ids
        {{ lead_scoring.website_domain('website') }} as company_domain,
        -- strings
        name,
        industry,
        coalesce(billing_country, billing_country_code) as country,
        -- numbers
        number_of_employees as employee_count,
        annual_revenue,
        -- times
        loaded_at,

        -- provenance
        {{ lead_scoring.provenance('account') }},

        coalesce(last_modified_date, changed_at) as updated_at
    from source
    -- A person account is no company; the person is among the contacts.
    where not is_gone and not coalesce(is_person_account, false)

)

select * from renamed
