-- Grain: contact version as delivered.
{{ config(enabled='activecampaign' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('activecampaign', 'contacts') }}

),

erasures as (

    select * from {{ ref('stg_activecampaign__erasures') }}

),

renamed as (

    select
        -- ids
        source.id as contact_id,
        -- When somebody who was deleted came back as a new contact, the address is that one's. Otherwise the deleted contact keeps it: what is to be
        -- forgotten of the address must not be looked for at a contact that bore it before.
        case when erasures.contact_id is null or erasures.email is not null then source.email end as email,
        -- strings
        source.firstname as first_name,
        source.lastname as last_name,
        source.orgname as company,
        source.phone,
        -- times
        -- These have an offset. Those called created_utc_timestamp and updated_utc_timestamp are not UTC but the same times without it.
        source.cdate as created_at,
        coalesce(source.udate, source.cdate) as updated_at,
        coalesce(source._airbyte_extracted_at, source._airbyte_emitted_at, source._sdc_batched_at, source.udate, source.cdate) as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('contacts', 'source') }},

        -- Who may be written to is a matter of lists, which no connector read here lands.
        {{ lead_scoring.null_columns('contacts', [
            'anonymous_id', 'company_domain', 'job_title', 'seniority', 'department', 'industry', 'country', 'city', 'employee_count', 'annual_revenue',
            'lead_source', 'persona', 'age', 'cycle_months', 'is_email_opted_out', 'has_marketing_consent', 'consented_at', 'owner', 'lifecycle_stage',
            'enriched_at',
        ]) }}
    from source
    left join erasures on source.id = erasures.contact_id

)

select * from renamed
