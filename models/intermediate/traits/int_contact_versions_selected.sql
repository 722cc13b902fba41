-- Grain: contact, version of it that held on a scored date. What each contact said, from which scored date to which.
{{ config(materialized='view') }}

{% set columns = lead_scoring.canonical_columns('contacts').keys() | list %}

with contact_versions as (

    select * from {{ ref('int_contacts_classified') }}
    where rejection_reason is null

),

contact_leads as (

    select * from {{ ref('int_contact_leads') }}

),

scored_dates as (

    select * from {{ ref('int_scored_dates') }}

),

-- Read by itself: what is sorted here are three columns, not thirty.
version_times as (

    select
        source,
        contact_id,
        updated_at,
        updated_on,
        count(*) as row_count
    from {{ ref('int_contacts_classified') }}
    where rejection_reason is null
    group by source, contact_id, updated_at, updated_on

),

-- The newest version on or before the scored date, else the earliest one.
versions_succeeded as (

    select
        *,
        row_number() over (partition by source, contact_id order by updated_at) as place,
        lead(updated_on) over (partition by source, contact_id order by updated_at) as succeeded_on
    from version_times

),

versions_dated as (

    select
        versions_succeeded.source,
        versions_succeeded.contact_id,
        versions_succeeded.updated_at,
        versions_succeeded.row_count,
        min(scored_dates.scored_on) as held_from_on,
        max(scored_dates.scored_on) as held_until_on
    from versions_succeeded
    cross join scored_dates
    where (versions_succeeded.place = 1 or least(scored_dates.scored_on, {{ lead_scoring.as_of_date() }}) >= versions_succeeded.updated_on)
        and (versions_succeeded.succeeded_on is null or least(scored_dates.scored_on, {{ lead_scoring.as_of_date() }}) < versions_succeeded.succeeded_on)
    group by versions_succeeded.source, versions_succeeded.contact_id, versions_succeeded.updated_at, versions_succeeded.row_count

),

versions_held as (

    select
        contact_leads.lead_id,
        versions_dated.held_from_on,
        versions_dated.held_until_on,
        versions_dated.row_count,
        contact_versions.source,
        {%- for column in columns %}
        contact_versions.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from contact_versions
    inner join versions_dated
        on contact_versions.source = versions_dated.source
        and contact_versions.contact_id = versions_dated.contact_id
        and contact_versions.updated_at = versions_dated.updated_at
    inner join contact_leads
        on contact_versions.source = contact_leads.source
        and contact_versions.contact_id = contact_leads.contact_id

),

-- Few versions have another of the same time: only they are ranked.
versions_ranked as (

    select
        *,
        row_number() over (
            partition by source, contact_id, updated_at
            order by {{ lead_scoring.total_order(['loaded_at'] + columns, 'desc') }}
        ) as version_rank
    from versions_held
    where row_count > 1

),

final as (

    select lead_id, held_from_on, held_until_on, source, {{ columns | join(', ') }}
    from versions_held
    where row_count = 1
    union all
    select lead_id, held_from_on, held_until_on, source, {{ columns | join(', ') }}
    from versions_ranked
    where version_rank = 1

)

select * from final
