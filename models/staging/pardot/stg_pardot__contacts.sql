-- Grain: prospect version as delivered.
{{ config(enabled='pardot' in var('lead_scoring_sources')) }}

{% set time_zone = var('lead_scoring_source_timezones').get('pardot', 'UTC') %}
with source as (

    select * from {{ source('pardot', 'prospect') }}

),

campaigns as (

    {{ lead_scoring.latest_rows(source('pardot', 'campaign'), 'id', ['name']) }}

),

memberships as (

    {{ lead_scoring.latest_rows(source('pardot', 'list_membership'), 'id', ['prospect_id', 'opted_out', '_fivetran_deleted']) }}

),

-- Who left one list may like another; who left every list wants no e-mail.
lists_left as (

    select prospect_id
    from memberships
    where prospect_id is not null and not coalesce(_fivetran_deleted, false)
    group by prospect_id
    having min(case when opted_out then 1 else 0 end) = 1

),

erasures as (

    select * from {{ ref('stg_pardot__erasures') }}

),

-- `employees` and `annual_revenue` are texts: of a range like 25-50 or 1,000+ the lower end is what is certain, a currency's sign in front is left off.
texts_trimmed as (

    select
        *,
        {{ lead_scoring.lower_end('employees') }} as employees_text,
        regexp_replace({{ lead_scoring.lower_end('annual_revenue') }}, '^[$€£] *', '') as revenue_text
    from source

),

-- A comma stands between thousands or makes the text unreadable.
numbers_plain as (

    select
        *,
        case
            when {{ lead_scoring.matches_regex('employees_text', "'^[0-9]{1,3}(,[0-9]{3})+$'") }} then replace(employees_text, ',', '') else employees_text
        end as employees_number,
        case
            when {{ lead_scoring.matches_regex('revenue_text', "'^[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?$'") }} then replace(revenue_text, ',', '')
            else revenue_text
        end as revenue_number
    from texts_trimmed

),

renamed as (

    select
        -- ids
        numbers_plain.id as contact_id,
        -- While another prospect bears the address of a deleted one, it is that one's. Otherwise the deleted one keeps it: what is to be forgotten of the address
        -- must not be looked for at a prospect that bore it before.
        case when erasures.contact_id is null or erasures.email is not null then numbers_plain.email end as email,
        -- strings
        numbers_plain.first_name,
        numbers_plain.last_name,
        numbers_plain.company,
        {{ lead_scoring.website_domain('numbers_plain.website') }} as company_domain,
        numbers_plain.job_title,
        numbers_plain.department,
        numbers_plain.industry,
        numbers_plain.country,
        numbers_plain.city,
        coalesce(numbers_plain.source, campaigns.name) as lead_source,
        numbers_plain.phone,
        coalesce(numbers_plain.user_id, numbers_plain.crm_owner_fid) as owner,  -- noqa: RF04
        -- numbers
        {{ lead_scoring.text_to_integer('numbers_plain.employees_number') }} as employee_count,
        {{ lead_scoring.text_to_double('numbers_plain.revenue_number') }} as annual_revenue,
        -- booleans
        -- "Opted out of marketing communications" or "prefers not to be emailed".
        coalesce(numbers_plain.opted_out, false) or coalesce(numbers_plain.is_do_not_email, false) or lists_left.prospect_id is not null as is_email_opted_out,
        -- times
        {{ lead_scoring.local_to_utc('numbers_plain.created_at', time_zone) }} as created_at,
        coalesce(
            {{ lead_scoring.local_to_utc('numbers_plain.updated_at', time_zone) }},
            numbers_plain._fivetran_synced,
            {{ lead_scoring.local_to_utc('numbers_plain.created_at', time_zone) }}
        ) as updated_at,
        coalesce(
            numbers_plain._fivetran_synced,
            {{ lead_scoring.local_to_utc('coalesce(numbers_plain.updated_at, numbers_plain.created_at)', time_zone) }}
        ) as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('prospect', 'numbers_plain') }},

        {{ lead_scoring.null_columns('contacts', [
            'anonymous_id', 'seniority', 'persona', 'age', 'cycle_months', 'has_marketing_consent', 'consented_at', 'lifecycle_stage', 'enriched_at',
        ]) }}
    from numbers_plain
    left join campaigns on numbers_plain.campaign_id = campaigns.id
    left join lists_left on numbers_plain.id = lists_left.prospect_id
    left join erasures on numbers_plain.id = erasures.contact_id

)

select * from renamed
