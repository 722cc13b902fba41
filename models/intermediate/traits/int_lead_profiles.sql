-- Grain: lead, stretch of scored dates on which nothing of this changed. Who a lead is: what its contacts, its company and its e-mail say.
{% set contact_fields = [
    'first_name', 'last_name', 'company', 'company_domain', 'job_title', 'seniority', 'department', 'industry', 'country', 'city', 'employee_count',
    'annual_revenue', 'lead_source', 'persona', 'phone', 'age', 'cycle_months', 'is_email_opted_out', 'has_marketing_consent', 'consented_at', 'owner',
    'lifecycle_stage', 'enriched_at', 'created_at', 'contact_id',
] %}

with lead_days as (

    select * from {{ ref('int_lead_days') }}

),

contact_fields as (

    select
        *,
        {{ lead_scoring.comparable('company_domain') }} as account_domain
    from {{ ref('int_lead_contact_fields') }}

),

account_versions as (

    select * from {{ ref('int_account_versions_selected') }}

),

free_email_domains as (

    select distinct {{ lead_scoring.comparable('domain') }} as domain from {{ ref('stg_config__free_email_domains') }}

),

internal_domains as (

    select distinct {{ lead_scoring.comparable('domain') }} as domain from {{ ref('stg_config__internal_domains') }}

),

-- One row: which fields a complete profile has.
profile_fields as (

    select
        {%- for field in ['email'] + contact_fields %}
        coalesce(max(case when field = '{{ field }}' then 1 end), 0) as counts_{{ field }},
        {%- endfor %}
        count(distinct field) as field_count
    from {{ ref('stg_config__profile_fields') }}

),

leads_held as (

    select
        lead_id,
        email,
        min(scored_on) as held_from_on,
        max(scored_on) as held_until_on
    from lead_days
    group by lead_id, email

),

leads as (

    select
        *,
        case when {{ lead_scoring.has_one_at('email') }} then split_part(email, '@', 2) end as email_domain
    from leads_held

),

who_they_are as (

    select
        leads.lead_id,
        greatest(leads.held_from_on, contact_fields.held_from_on, account_versions.held_from_on) as held_from_on,
        least(leads.held_until_on, contact_fields.held_until_on, account_versions.held_until_on) as held_until_on,
        leads.email,
        leads.email_domain,
        {%- for field in contact_fields %}
        contact_fields.{{ field }},
        {%- endfor %}
        account_versions.account_name,
        account_versions.account_industry,
        account_versions.account_country,
        account_versions.account_employee_count,
        account_versions.account_annual_revenue,
        case when leads.email_domain is not null then free_email_domains.domain is not null end as is_free_email,
        case when leads.email_domain is not null then internal_domains.domain is not null end as is_internal,
        profile_fields.field_count as profile_field_count,
        {%- for field in ['email'] + contact_fields %}
        {{ '+ ' if not loop.first }}case when {{ 'leads' if field == 'email' else 'contact_fields' }}.{{ field }} is not null then profile_fields.counts_{{ field }} else 0 end
        {%- endfor %} as profile_fields_filled
    from leads
    cross join profile_fields
    -- A contact and an account have something to say on every scored date, so no stretch of the lead is lost.
    left join contact_fields
        on leads.lead_id = contact_fields.lead_id
        and leads.held_from_on <= contact_fields.held_until_on
    left join account_versions
        on contact_fields.account_domain = account_versions.company_domain
        and contact_fields.held_until_on >= account_versions.held_from_on
        and greatest(contact_fields.held_from_on, leads.held_from_on) <= account_versions.held_until_on
    left join free_email_domains on leads.email_domain = free_email_domains.domain
    left join internal_domains on leads.email_domain = internal_domains.domain

),

final as (

    select
        *,
        case
            when profile_field_count > 0
                then {{ lead_scoring.ratio('profile_fields_filled', 'profile_field_count') }}
        end as profile_completeness
    from who_they_are

)

select * from final
