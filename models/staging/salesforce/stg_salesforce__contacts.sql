-- Grain: version of a lead or contact as delivered. What a contact's company is like stands at its account.
{{ config(enabled='salesforce' in var('lead_scoring_sources')) }}

with leads as (

    {{ lead_scoring.salesforce_versions('lead') }}

),

contacts as (

    {{ lead_scoring.salesforce_versions('contact') }}

),

accounts as (

    select * from ({{ lead_scoring.salesforce_versions('account') }}) as account_versions
    where is_current and not is_gone

),

erasures as (

    select * from {{ ref('stg_salesforce__erasures') }}

),

{% set person_columns = [
    'id', 'email', 'first_name', 'last_name', 'title', 'phone', 'mobile_phone', 'do_not_call', 'has_opted_out_of_email', 'lead_source', 'owner_id',
    'created_date', 'last_modified_date', 'loaded_at', 'is_gone', '_raw_unreadable', '_raw_file', '_raw_row', '_raw_text',
] %}
people as (

    select
        {{ person_columns | join(', ') }},
        company,
        {{ lead_scoring.website_domain('website') }} as company_domain,
        cast(null as string) as department,
        industry,
        coalesce(country, country_code) as country,
        city,
        number_of_employees as employee_count,
        annual_revenue,
        status as lifecycle_stage,
        'lead' as raw_table
    from leads
    union all
    select
        contacts.{{ person_columns | join(', contacts.') }},
        accounts.name as company,
        {{ lead_scoring.website_domain('accounts.website') }} as company_domain,
        contacts.department,
        accounts.industry,
        coalesce(contacts.mailing_country, contacts.mailing_country_code) as country,
        contacts.mailing_city as city,
        accounts.number_of_employees as employee_count,
        accounts.annual_revenue,
        -- A contact has no status. That of the lead it was says Converted, and stands.
        cast(null as string) as lifecycle_stage,
        'contact' as raw_table
    from contacts
    left join accounts on contacts.account_id = accounts.id

),

renamed as (

    select
        -- ids
        people.id as contact_id,
        -- When the person stands in another record, the address is that one's. Otherwise the deleted one keeps it, so that nobody who bore it before is forgotten.
        case when erasures.contact_id is null or erasures.email is not null then people.email end as email,
        -- strings
        people.first_name,
        people.last_name,
        people.company,
        people.company_domain,
        people.title as job_title,
        people.department,
        people.industry,
        people.country,
        people.city,
        people.lead_source,
        -- Whoever is not to be called has no number for us.
        case when not coalesce(people.do_not_call, false) then coalesce(people.phone, people.mobile_phone) end as phone,
        people.owner_id as owner,  -- noqa: RF04
        people.lifecycle_stage,
        -- numbers
        people.employee_count,
        people.annual_revenue,
        -- booleans
        people.has_opted_out_of_email as is_email_opted_out,
        -- times
        people.created_date as created_at,
        -- What a person last changed. The last thing that happens to a record that was merged away is that it goes; that must not make it newer than the
        -- one it went into.
        coalesce(people.last_modified_date, case when people.is_gone then people.created_date else people.loaded_at end) as updated_at,
        people.loaded_at,

        -- provenance
        people._raw_unreadable as unreadable_columns,
        people.raw_table,
        people._raw_file as raw_file,
        people._raw_row as raw_row,
        people._raw_text as raw_text,

        -- Seniority, persona and consent are columns of each account's own.
        {{ lead_scoring.null_columns('contacts', [
            'anonymous_id', 'seniority', 'persona', 'age', 'cycle_months', 'has_marketing_consent', 'consented_at', 'enriched_at',
        ]) }}
    from people
    left join erasures on people.id = erasures.contact_id

)

select * from renamed
