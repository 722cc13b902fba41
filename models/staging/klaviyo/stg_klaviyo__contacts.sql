-- Grain: profile version as delivered. Custom properties that an account does not have are null.
{{ config(enabled='klaviyo' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('klaviyo', 'person') }}

),

erasures as (

    select * from {{ ref('stg_klaviyo__erasures') }}

),

renamed as (

    select
        -- ids
        source.id as contact_id,
        -- When the person came back as a new profile, the address is that one's. Otherwise the deleted one keeps it, so that nobody who bore it before is forgotten.
        case when erasures.contact_id is null or erasures.email is not null then source.email end as email,
        -- strings
        source.first_name,
        source.last_name,
        source.organization as company,
        source.title as job_title,
        source.country,
        source.city,
        source.phone_number as phone,
        source.custom_source as lead_source,
        -- booleans
        -- Klaviyo's forms keep the channels agreed to in $consent, a shop's connection says accepts_marketing.
        case
            when lower(source.custom_consent) like '%email%' then true
            else {{ lead_scoring.text_to_boolean(lead_scoring.trimmed('source.custom_accepts_marketing')) }}
        end as has_marketing_consent,
        -- times
        case
            when lower(source.custom_consent) like '%email%' then {{ lead_scoring.text_to_timestamp(lead_scoring.trimmed('source.custom_consent_timestamp')) }}
        end as consented_at,
        source.created as created_at,
        coalesce(source.updated, source._fivetran_synced) as updated_at,
        coalesce(source._fivetran_synced, source.updated) as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('person', 'source') }},

        {{ lead_scoring.null_columns('contacts', [
            'anonymous_id', 'company_domain', 'seniority', 'department', 'industry', 'employee_count', 'annual_revenue', 'persona', 'age', 'cycle_months',
            'is_email_opted_out', 'owner', 'lifecycle_stage', 'enriched_at',
        ]) }}
    from source
    left join erasures on source.id = erasures.contact_id

)

select * from renamed
