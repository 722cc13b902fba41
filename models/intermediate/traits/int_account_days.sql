-- Grain: company domain, scored date. What the accounts said of a company on the scored date.
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
        case when abs(annual_revenue) < 1e300 then annual_revenue end as annual_revenue,
        updated_at,
        loaded_at,
        {{ lead_scoring.local_date('updated_at') }} as updated_on
    from rows_delivered
    where company_domain is not null and updated_at is not null and loaded_at is not null

),

versions_ranked as (

    select
        scored_dates.scored_on,
        account_versions.*,
        row_number() over (
            partition by account_versions.company_domain, scored_dates.scored_on
            order by
                case when account_versions.updated_on <= scored_dates.scored_on then 0 else 1 end,
                case when account_versions.updated_on <= scored_dates.scored_on then account_versions.updated_at end desc,
                account_versions.updated_at,
                account_versions.loaded_at desc,
                account_versions.source,
                {{ lead_scoring.total_order(['name', 'industry', 'country', 'employee_count', 'annual_revenue'], 'desc', 'account_versions') }}
        ) as version_rank
    from account_versions
    cross join scored_dates

),

final as (

    select
        company_domain,
        scored_on,
        name as account_name,
        industry as account_industry,
        country as account_country,
        employee_count as account_employee_count,
        annual_revenue as account_annual_revenue
    from versions_ranked
    where version_rank = 1

)

select * from final
