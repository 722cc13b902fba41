-- Grain: lead version as delivered (getLeads). SharpSpring calls leads what are contacts here.
{{ config(enabled='sharpspring' in var('lead_scoring_sources')) }}

{% set time_zone = var('lead_scoring_source_timezones').get('sharpspring', 'UTC') %}
with source as (

    select
        *,
        {{ lead_scoring.trimmed('lower(website)') }} as website_text
    from {{ source('sharpspring', 'lead') }}

),

accounts as (

    {{ lead_scoring.latest_rows(
        source('sharpspring', 'account'), 'id', ['accountname', 'website', 'industry', 'billingcountry', 'numberofemployees', 'annualrevenue'],
        loaded_at='_loaded_at',
    ) }}

),

campaigns as (

    {{ lead_scoring.latest_rows(source('sharpspring', 'campaign'), 'id', ['campaignname'], loaded_at='_loaded_at') }}

),

-- The API gives a lead no time of its creation; the event leadCreation does, and where that was not fetched, the first event of all is the earliest trace.
first_events as (

    select
        leadid,
        coalesce(
            min(case when {{ lead_scoring.comparable('eventsource') }} = 'leadcreation' then createtimestamp end),
            min(createtimestamp)
        ) as createtimestamp
    from {{ source('sharpspring', 'event') }}
    where leadid is not null
        and (_loaded_at is null or {{ lead_scoring.is_known('_loaded_at') }})
    group by leadid

),

joined as (

    select
        source.*,
        coalesce(source.createtimestamp, first_events.createtimestamp, source.updatetimestamp) as first_at,
        accounts.accountname,
        accounts.industry as account_industry,
        accounts.billingcountry,
        accounts.numberofemployees,
        accounts.annualrevenue,
        coalesce(source.website_text, {{ lead_scoring.trimmed('lower(accounts.website)') }}) as company_website,
        campaigns.campaignname
    from source
    left join accounts on source.accountid = accounts.id
    left join campaigns on source.campaignid = campaigns.id
    left join first_events on source.id = first_events.leadid

),

final as (

    select
        -- ids
        id as contact_id,
        emailaddress as email,
        -- The browser's cookie, the same that other tools on the site may report.
        trackingid as anonymous_id,
        -- strings
        firstname as first_name,
        lastname as last_name,
        coalesce(companyname, accountname) as company,
        {{ lead_scoring.website_domain('company_website') }} as company_domain,
        title as job_title,
        coalesce(industry, account_industry) as industry,
        coalesce(country, billingcountry) as country,
        city,
        campaignname as lead_source,
        persona,
        coalesce(phonenumber, officephonenumber, mobilephonenumber) as phone,
        ownerid as owner,  -- noqa: RF04
        -- A lead that is switched off is not forgotten, but whatever its status was, it is that no more.
        case when active = false then 'inactive' else leadstatus end as lifecycle_stage,
        -- numbers
        numberofemployees as employee_count,
        annualrevenue as annual_revenue,
        -- booleans
        isunsubscribed as is_email_opted_out,
        -- times
        coalesce({{ lead_scoring.local_to_utc('first_at', time_zone) }}, _loaded_at) as created_at,
        coalesce({{ lead_scoring.local_to_utc('coalesce(updatetimestamp, first_at)', time_zone) }}, _loaded_at) as updated_at,
        coalesce(_loaded_at, {{ lead_scoring.local_to_utc('coalesce(updatetimestamp, first_at)', time_zone) }}) as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('lead') }},

        {{ lead_scoring.null_columns('contacts', [
            'seniority', 'department', 'age', 'cycle_months', 'has_marketing_consent', 'consented_at', 'enriched_at',
        ]) }}
    from joined

)

select * from final
