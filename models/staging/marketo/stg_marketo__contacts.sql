-- Grain: lead version as delivered. Fields that an account does not have are null.
{{ config(enabled='marketo' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('marketo', 'lead') }}

),

erasures as (

    select * from {{ ref('stg_marketo__erasures') }}

),

renamed as (

    select
        -- ids
        source.id as contact_id,
        -- When somebody who was deleted came back as a new lead, the address is that one's. Otherwise the deleted lead keeps it: what is to be
        -- forgotten of the address must not be looked for at a lead that bore it before.
        case when erasures.contact_id is null or erasures.email is not null then source.email end as email,
        -- strings
        source.first_name,
        source.last_name,
        source.company,
        {{ lead_scoring.website_domain('source.website') }} as company_domain,
        source.title as job_title,
        source.department,
        source.industry,
        source.country,
        source.city,
        source.lead_source,
        coalesce(source.phone, source.mobile_phone) as phone,
        source.lead_status as lifecycle_stage,
        -- numbers
        -- Forms offer ranges like 25-50 and 1000+: the lower end is what is certain.
        {{ lead_scoring.text_to_integer(lead_scoring.lower_end('source.number_of_employees')) }} as employee_count,
        source.annual_revenue,
        -- booleans
        source.unsubscribed as is_email_opted_out,
        -- times
        source.created_at,
        coalesce(source.updated_at, source.created_at) as updated_at,
        -- Where Fivetran's column was left off, a version is taken for known when it came to be.
        coalesce(source._fivetran_synced, source.updated_at, source.created_at) as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('lead', 'source') }},

        {{ lead_scoring.null_columns('contacts', [
            'anonymous_id', 'seniority', 'persona', 'age', 'cycle_months', 'has_marketing_consent', 'consented_at', 'owner', 'enriched_at',
        ]) }}
    from source
    left join erasures on source.id = erasures.contact_id

)

select * from renamed
