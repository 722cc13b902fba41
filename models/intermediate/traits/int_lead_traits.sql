-- Grain: lead, scored date. All that is known of a lead on that date: its contacts, its company, and what its behaviour says about it.
{% set contact_fields = [
    'first_name', 'last_name', 'company', 'company_domain', 'job_title', 'seniority', 'department', 'industry', 'country', 'city', 'employee_count',
    'annual_revenue', 'lead_source', 'persona', 'phone', 'age', 'cycle_months', 'is_email_opted_out', 'has_marketing_consent', 'consented_at', 'owner',
    'lifecycle_stage', 'enriched_at', 'created_at', 'contact_id',
] %}

with lead_days as (

    select
        lead_days.*,
        case when {{ lead_scoring.has_one_at('email') }} then split_part(email, '@', 2) end as email_domain
    from {{ ref('int_lead_days') }} as lead_days

),

contact_fields as (

    select * from {{ ref('int_lead_contact_fields') }}

),

account_days as (

    select * from {{ ref('int_account_days') }}

),

email_traits as (

    select * from {{ ref('int_lead_email_traits') }}

),

visit_traits as (

    select * from {{ ref('int_lead_visit_traits') }}

),

lead_orders as (

    select * from {{ ref('int_lead_orders') }}

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

who_they_are as (

    select
        lead_days.lead_id,
        lead_days.scored_on,
        lead_days.days_before,
        lead_days.first_seen_on,
        lead_days.last_activity_on,
        lead_days.email,
        lead_days.email_domain,
        {%- for field in contact_fields %}
        contact_fields.{{ field }},
        {%- endfor %}
        account_days.account_name,
        account_days.account_industry,
        account_days.account_country,
        account_days.account_employee_count,
        account_days.account_annual_revenue,
        case when lead_days.email_domain is not null then free_email_domains.domain is not null end as is_free_email,
        case when lead_days.email_domain is not null then internal_domains.domain is not null end as is_internal,
        profile_fields.field_count as profile_field_count,
        {%- for field in ['email'] + contact_fields %}
        {{ '+ ' if not loop.first }}case when {{ 'lead_days' if field == 'email' else 'contact_fields' }}.{{ field }} is not null then profile_fields.counts_{{ field }} else 0 end
        {%- endfor %} as profile_fields_filled
    from lead_days
    cross join profile_fields
    left join contact_fields
        on lead_days.lead_id = contact_fields.lead_id
        and lead_days.scored_on = contact_fields.scored_on
    left join account_days
        on {{ lead_scoring.comparable('contact_fields.company_domain') }} = account_days.company_domain
        and lead_days.scored_on = account_days.scored_on
    left join free_email_domains on lead_days.email_domain = free_email_domains.domain
    left join internal_domains on lead_days.email_domain = internal_domains.domain

),

final as (

    select
        who_they_are.*,
        email_traits.email_open_rate,
        email_traits.email_click_rate,
        coalesce(email_traits.clicked_last_3_emails, false) as clicked_last_3_emails,
        coalesce(visit_traits.session_count, 0) as session_count,
        visit_traits.bounce_rate,
        visit_traits.avg_session_seconds,
        visit_traits.pages_per_session,
        coalesce(visit_traits.page_view_count, 0) as page_view_count,
        coalesce(visit_traits.distinct_page_count, 0) as distinct_page_count,
        coalesce(visit_traits.form_submission_count, 0) as form_submission_count,
        coalesce(visit_traits.order_count, 0) as order_count,
        {{ lead_scoring.days_between('who_they_are.last_activity_on', 'who_they_are.scored_on') }} as days_since_last_activity,
        {{ lead_scoring.days_between('lead_orders.last_order_on', 'who_they_are.scored_on') }} as days_since_last_order,
        case
            when who_they_are.profile_field_count > 0
                then cast({{ lead_scoring.divided('who_they_are.profile_fields_filled', 'who_they_are.profile_field_count') }} as decimal(18, 6))
        end as profile_completeness
    from who_they_are
    left join email_traits
        on who_they_are.lead_id = email_traits.lead_id
        and who_they_are.scored_on = email_traits.scored_on
    left join visit_traits
        on who_they_are.lead_id = visit_traits.lead_id
        and who_they_are.scored_on = visit_traits.scored_on
    left join lead_orders
        on who_they_are.lead_id = lead_orders.lead_id
        and who_they_are.scored_on = lead_orders.scored_on

)

select * from final
