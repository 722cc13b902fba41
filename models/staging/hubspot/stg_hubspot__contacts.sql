-- Grain: contact version as delivered. Properties that an account does not have are null.
{{ config(enabled='hubspot' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('hubspot', 'contact') }}

),

companies as (

    {{ lead_scoring.latest_rows(source('hubspot', 'company'), 'id', ['property_domain', 'property_name']) }}

),

erasures as (

    select * from {{ ref('stg_hubspot__erasures') }}

),

renamed as (

    select
        -- ids
        source.id as contact_id,
        -- When somebody who was deleted came back as a new contact, the address is that one's. Otherwise the deleted contact keeps it: what is to be
        -- forgotten of the address must not be looked for at a contact that bore it before.
        case when erasures.contact_id is null or erasures.email is not null then source.property_email end as email,
        -- strings
        source.property_firstname as first_name,
        source.property_lastname as last_name,
        coalesce(source.property_company, companies.property_name) as company,
        companies.property_domain as company_domain,
        source.property_jobtitle as job_title,
        coalesce(source.property_seniority, source.property_hs_seniority) as seniority,
        coalesce(source.property_hs_role, source.property_job_function) as department,
        source.property_industry as industry,
        source.property_country as country,
        source.property_city as city,
        source.property_hs_analytics_source as lead_source,
        source.property_hs_persona as persona,
        coalesce(source.property_phone, source.property_mobilephone) as phone,
        source.property_hubspot_owner_id as owner,  -- noqa: RF04
        source.property_lifecyclestage as lifecycle_stage,
        -- numbers
        -- Forms offer ranges like 25-50 and 1000+: the lower end is what is certain.
        {{ lead_scoring.text_to_integer(lead_scoring.lower_end('coalesce(source.property_numemployees, source.property_numberofemployees)')) }} as employee_count,
        source.property_annualrevenue as annual_revenue,
        -- booleans
        source.property_hs_email_optout as is_email_opted_out,
        -- times
        source.property_createdate as created_at,
        -- Fivetran writes a row when it changed, which is the latest that the change can have been. The last thing that happens to a contact that was
        -- merged away is that it goes; that must not make it newer than the contact it went into.
        coalesce(
            source.property_lastmodifieddate,
            case when coalesce(source._fivetran_deleted, false) then source.property_createdate else source._fivetran_synced end
        ) as updated_at,
        source._fivetran_synced as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('contact', 'source') }},

        -- HubSpot's marketing status says who is paid for, not who agreed.
        {{ lead_scoring.null_columns('contacts', ['anonymous_id', 'age', 'cycle_months', 'has_marketing_consent', 'consented_at', 'enriched_at']) }}
    from source
    left join companies on source.property_associatedcompanyid = companies.id
    left join erasures on source.id = erasures.contact_id

)

select * from renamed
