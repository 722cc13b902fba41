-- Grain: row of enrichment as delivered. One answer of Datagma in flat columns, whether it was stored flat or as the JSON it came in, and how sure Datagma
-- is of it.
{{ config(enabled='datagma' in var('lead_scoring_sources')) }}

with source as (

    select
        *,
        -- The person may stand in the answer itself or under a key of its own.
        coalesce({{ lead_scoring.json_text('response', "'person'") }}, response) as person_json,
        {{ lead_scoring.json_text('response', "'company'") }} as company_json
    from {{ source('datagma', 'enrichment') }}

),

{% set person_fields = {
    'found_email': ('email', 'email'), 'email_status': ('email_status', 'emailStatus'), 'first_name': ('first_name', 'firstName'),
    'last_name': ('last_name', 'lastName'), 'job_title': ('job_title', 'jobTitle'), 'linked_in_url': ('linked_in_url', 'linkedInUrl'),
    'country': ('country', 'country'), 'city': ('city', 'city'), 'extracted_role': ('extracted_role', 'extractedRole'),
    'extracted_seniority': ('extracted_seniority', 'extractedSeniority'), 'phone': ('phone', 'phone'),
} %}
{% set company_fields = {'website': 'website', 'industries': 'industries', 'company_size': 'companySize'} %}
flattened as (

    select
        {% for name, (column, key) in person_fields.items() -%}
        coalesce({{ column }}, {{ lead_scoring.json_text('person_json', "'" ~ key ~ "'") }}) as {{ name }},
        {% endfor -%}
        {% for column, key in company_fields.items() -%}
        coalesce(
            {{ column }},
            {{ lead_scoring.json_text('company_json', "'" ~ key ~ "'") }},
            {{ lead_scoring.json_text('response', "'" ~ key ~ "'") }}
        ) as {{ column }},
        {% endfor -%}
        -- The company is an object with a name, or the name.
        coalesce(
            company,
            {{ lead_scoring.json_text('company_json', "'name'") }},
            case
                when substring({{ lead_scoring.json_text('person_json', "'company'") }}, 1, 1) <> '{'
                    then {{ lead_scoring.json_text('person_json', "'company'") }}
            end
        ) as company,
        coalesce(
            company_exact_employees,
            {{ lead_scoring.text_to_integer(lead_scoring.json_text('company_json', "'companyExactEmployees'")) }},
            {{ lead_scoring.text_to_integer(lead_scoring.json_text('response', "'companyExactEmployees'")) }}
        ) as company_exact_employees,
        coalesce(
            company_revenue,
            {{ lead_scoring.text_to_double(lead_scoring.json_text('company_json', "'companyRevenue'")) }},
            {{ lead_scoring.text_to_double(lead_scoring.json_text('response', "'companyRevenue'")) }}
        ) as company_revenue,
        coalesce(
            person_confidence_score, {{ lead_scoring.text_to_double(lead_scoring.json_text('person_json', "'personConfidenceScore'")) }}
        ) as person_confidence_score,
        {{ lead_scoring.normalised_email('data') }} as asked_for,
        enriched_at,
        coalesce(loaded_at, enriched_at) as loaded_at,
        _raw_unreadable,
        _raw_file,
        _raw_row,
        _raw_text
    from source

),

identified as (

    select
        *,
        -- The address that was asked for is the one that the lead has. Another one that was found would make a second lead of the same person.
        case
            when {{ lead_scoring.has_one_at('asked_for') }} then asked_for
            -- Datagma itself does not believe in it.
            when {{ lead_scoring.comparable('email_status') }} like '%invalid%' then null
            else {{ lead_scoring.normalised_email('found_email') }}
        end as email,
        nullif(regexp_extract(lower(coalesce(linked_in_url, asked_for)), 'linkedin[.]com/in/([^/?#]+)', 1), '') as profile
    from flattened

),

final as (

    select
        -- ids
        -- Where the profile was looked up once with an address and once without, the address names both.
        coalesce(
            email, case when profile is not null then min(email) over (partition by profile) end, 'linkedin:' || md5(profile)
        ) as contact_id,
        email,
        -- strings
        email_status,
        first_name,
        last_name,
        company,
        {{ lead_scoring.website_domain('website') }} as company_domain,
        job_title,
        extracted_seniority as seniority,
        extracted_role as department,
        industries as industry,
        country,
        city,
        phone,
        -- numbers
        -- Of a range like 51-200 or 10,001+ the lower end is what is certain.
        coalesce(
            company_exact_employees,
            {{ lead_scoring.text_to_integer("regexp_extract(lower(replace(replace(company_size, ',', ''), ' ', '')), '^([0-9]+)(?:[-–+].*|to.*|employees.*)?$', 1)") }}
        ) as employee_count,
        company_revenue as annual_revenue,
        person_confidence_score,
        -- times
        enriched_at,
        loaded_at,

        -- provenance
        {{ lead_scoring.provenance('enrichment') }}
    from identified

)

select * from final
