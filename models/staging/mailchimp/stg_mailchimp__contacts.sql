-- Grain: member version as delivered. A member belongs to an audience: who is in two of them is two contacts, and by the address one lead.
{{ config(enabled='mailchimp' in var('lead_scoring_sources')) }}

with source as (

    select
        member.*,
        lower({{ lead_scoring.trimmed('status') }}) as subscription_status
    from {{ source('mailchimp', 'member') }} as member

),

renamed as (

    select
        -- ids
        coalesce(list_id || ':', '') || id as contact_id,
        email_address as email,
        -- strings
        merge_fname as first_name,
        merge_lname as last_name,
        merge_company as company,
        country_code as country,
        merge_phone as phone,
        -- booleans
        -- Cleaned (the address bounced) and archived (put aside by its owner) say nothing of what the person wants.
        case
            when subscription_status = 'unsubscribed' then true
            when subscription_status = 'subscribed' then false
        end as is_email_opted_out,
        -- Pending has not confirmed yet; transactional bought something and agreed to nothing.
        case
            when subscription_status = 'subscribed' then true
            when subscription_status in ('unsubscribed', 'pending', 'transactional') then false
        end as has_marketing_consent,
        -- times
        case when subscription_status = 'subscribed' then timestamp_opt end as consented_at,
        -- Imported members never signed up.
        coalesce(timestamp_signup, timestamp_opt, last_changed, _fivetran_synced) as created_at,
        coalesce(last_changed, _fivetran_synced) as updated_at,
        coalesce(_fivetran_synced, last_changed) as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('member') }},

        {{ lead_scoring.null_columns('contacts', [
            'anonymous_id', 'company_domain', 'job_title', 'seniority', 'department', 'industry', 'city', 'employee_count', 'annual_revenue', 'lead_source',
            'persona', 'age', 'cycle_months', 'owner', 'lifecycle_stage', 'enriched_at',
        ]) }}
    from source

)

select * from renamed
