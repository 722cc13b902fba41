-- Grain: company domain, version of its account that held on a scored date. What the accounts said of a company, from which scored date to which.
with rows_delivered as (

    {{ lead_scoring.union_sources('accounts') }}

),

scored_dates as (

    select * from {{ ref('int_scored_dates') }}

),

account_versions as (

    select
        source,
        {{ lead_scoring.comparable('company_domain') }} as company_domain,
        name,
        industry,
        country,
        employee_count,
        case when {{ lead_scoring.is_finite('annual_revenue') }} then annual_revenue end as annual_revenue,
        updated_at,
        loaded_at,
        {{ lead_scoring.local_date('updated_at') }} as updated_on
    from rows_delivered
    where company_domain is not null and updated_at is not null and loaded_at is not null

),

versions_ranked as (

    select
        *,
        row_number() over (
            partition by company_domain, updated_at
            order by
                loaded_at desc,
                source,
                {{ lead_scoring.total_order(['name', 'industry', 'country', 'employee_count', 'annual_revenue'], 'desc') }}
        ) as version_rank
    from account_versions

),

-- The newest version on or before the scored date, else the earliest one.
versions_succeeded as (

    select
        *,
        row_number() over (partition by company_domain order by updated_at) as place,
        lead(updated_on) over (partition by company_domain order by updated_at) as succeeded_on
    from versions_ranked
    where version_rank = 1

),

final as (

    select
        versions_succeeded.company_domain,
        min(scored_dates.scored_on) as held_from_on,
        max(scored_dates.scored_on) as held_until_on,
        versions_succeeded.name as account_name,
        versions_succeeded.industry as account_industry,
        versions_succeeded.country as account_country,
        versions_succeeded.employee_count as account_employee_count,
        versions_succeeded.annual_revenue as account_annual_revenue
    from versions_succeeded
    cross join scored_dates
    where (versions_succeeded.place = 1 or least(scored_dates.scored_on, {{ lead_scoring.as_of_date() }}) >= versions_succeeded.updated_on)
        and (versions_succeeded.succeeded_on is null or least(scored_dates.scored_on, {{ lead_scoring.as_of_date() }}) < versions_succeeded.succeeded_on)
    group by
        versions_succeeded.company_domain,
        versions_succeeded.updated_at,
        versions_succeeded.name,
        versions_succeeded.industry,
        versions_succeeded.country,
        versions_succeeded.employee_count,
        versions_succeeded.annual_revenue

)

select * from final
