-- Grain: identify call as delivered, once for what it says of the person and, where it names a browser, once for that. A call tells what changed: what it leaves out is
-- still so as the calls before it told.
{{ config(enabled='segment' in var('lead_scoring_sources')) }}

{% set traits = [
    'email', 'first_name', 'last_name', 'company', 'title', 'industry', 'phone', 'address_country', 'address_city', 'age', 'company_employee_count',
    'account_created_at',
] %}
with source as (

    select * from {{ source('segment', 'identifies') }}
    where {{ lead_scoring.is_known('received_at') }}

),

-- A visitor who left only an address is a contact by that address; a call with neither names nobody, and is no contact.
named as (

    select
        *,
        coalesce(user_id, {{ lead_scoring.normalised_email('coalesce(email, context_traits_email)') }}) as contact_id,
        created_at as account_created_at
    from source
    where coalesce(user_id, email, context_traits_email) is not null

),

prepared as (

    select
        contact_id,
        anonymous_id,
        timestamp,
        received_at,
        coalesce(email, context_traits_email, case when {{ lead_scoring.has_one_at('user_id') }} then user_id end) as email,
        first_name,
        last_name,
        coalesce(company_name, company) as company,
        coalesce(title, job_title) as title,
        coalesce(industry, company_industry) as industry,
        phone,
        address_country,
        address_city,
        age,
        company_employee_count,
        account_created_at,
        {{ lead_scoring.provenance('identifies') }}
    from named

),

carried as (

    select
        contact_id,
        anonymous_id,
        timestamp,
        received_at,
        {%- for trait in traits %}
        {{ lead_scoring.last_known(trait, 'contact_id', 'timestamp, received_at, raw_file, raw_row') }} as {{ trait }},
        {%- endfor %}
        min(timestamp) over (partition by contact_id) as first_identified_at,
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from prepared

),

versions as (

    select
        cast(null as string) as anonymous_id,
        coalesce(account_created_at, first_identified_at) as created_at,
        timestamp as updated_at,
        contact_id,
        received_at,
        {{ traits | join(', ') }},
        unreadable_columns, raw_table, raw_file, raw_row, raw_text
    from carried
    union all
    -- That the browser is the person's is known since the call, not since the account. Beside its twin this row gives way: it is a moment older.
    select
        anonymous_id,
        timestamp as created_at,
        timestamp - interval '1' microsecond as updated_at,
        contact_id,
        received_at,
        {{ traits | join(', ') }},
        unreadable_columns, raw_table, raw_file, raw_row, raw_text
    from carried
    where anonymous_id is not null

),

final as (

    select
        -- ids
        contact_id,
        email,
        anonymous_id,
        -- strings
        first_name,
        last_name,
        company,
        title as job_title,
        industry,
        phone,
        address_country as country,
        address_city as city,
        -- numbers
        company_employee_count as employee_count,
        age,
        -- times
        created_at,
        updated_at,
        received_at as loaded_at,

        -- provenance
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text,

        {{ lead_scoring.null_columns('contacts', [
            'company_domain', 'seniority', 'department', 'annual_revenue', 'lead_source', 'persona', 'cycle_months', 'is_email_opted_out',
            'has_marketing_consent', 'consented_at', 'owner', 'lifecycle_stage', 'enriched_at',
        ]) }}
    from versions

)

select * from final
