-- Grain: contact version as delivered. What is known of a person stands in `attributes`, whose names are the account's own.
{{ config(enabled='brevo' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('brevo', 'contacts') }}

),

-- Deleted contacts whose address somebody bears again.
contacts_replaced as (

    select distinct contact_id
    from {{ ref('stg_brevo__erasures') }}
    where contact_id is not null and email is null

),

renamed as (

    select
        -- ids
        source.id as contact_id,
        -- When the person came back as a new contact, the address is that one's; the old contact must not bring it along into oblivion.
        case when contacts_replaced.contact_id is null then source.email end as email,
        -- strings
        -- Brevo's names, and those that older accounts have in French.
        coalesce(
            {{ lead_scoring.json_text('source.attributes', "'FIRSTNAME'") }}, {{ lead_scoring.json_text('source.attributes', "'FIRST_NAME'") }},
            {{ lead_scoring.json_text('source.attributes', "'PRENOM'") }}
        ) as first_name,
        coalesce(
            {{ lead_scoring.json_text('source.attributes', "'LASTNAME'") }}, {{ lead_scoring.json_text('source.attributes', "'LAST_NAME'") }},
            {{ lead_scoring.json_text('source.attributes', "'NOM'") }}
        ) as last_name,
        coalesce(
            {{ lead_scoring.json_text('source.attributes', "'COMPANY'") }}, {{ lead_scoring.json_text('source.attributes', "'COMPANY_NAME'") }}
        ) as company,
        {{ lead_scoring.json_text('source.attributes', "'JOB_TITLE'") }} as job_title,
        {{ lead_scoring.json_text('source.attributes', "'INDUSTRY'") }} as industry,
        {{ lead_scoring.json_text('source.attributes', "'COUNTRY'") }} as country,
        {{ lead_scoring.json_text('source.attributes', "'CITY'") }} as city,
        coalesce(
            {{ lead_scoring.json_text('source.attributes', "'SMS'") }}, {{ lead_scoring.json_text('source.attributes', "'LANDLINE_NUMBER'") }}
        ) as phone,
        -- numbers
        -- One of Brevo's own attributes: the mean of days between two orders. 30.4375 days are a month.
        cast(round({{ lead_scoring.text_to_double(lead_scoring.json_text('source.attributes', "'SCORE_TIME_BETWEEN_ORDERS'")) }} / 30.4375) as int) as cycle_months,
        -- booleans
        source.emailblacklisted as is_email_opted_out,
        -- 1 stands for Yes in this category; no answer, or 2, is no objection.
        case when lower({{ lead_scoring.json_text('source.attributes', "'DOUBLE_OPT-IN'") }}) in ('1', 'yes') then true end as has_marketing_consent,
        -- times
        source.createdat as created_at,
        coalesce(source.modifiedat, source.createdat) as updated_at,
        coalesce(source._airbyte_extracted_at, source.modifiedat, source.createdat) as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('contacts', 'source') }},

        {{ lead_scoring.null_columns('contacts', [
            'anonymous_id', 'company_domain', 'seniority', 'department', 'employee_count', 'annual_revenue', 'lead_source', 'persona', 'age', 'consented_at',
            'owner', 'lifecycle_stage', 'enriched_at',
        ]) }}
    from source
    left join contacts_replaced on source.id = contacts_replaced.contact_id

)

select * from renamed
