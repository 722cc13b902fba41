-- Grain: contact, scored date. The version of each contact that held on the scored date, ranked among the contacts of its lead.
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

versions_ranked as (

    select
        contact_leads.lead_id,
        scored_dates.scored_on,
        contact_versions.source,
        {%- for column in columns %}
        contact_versions.{{ column }},
        {%- endfor %}
        -- The newest version on or before the scored date, else the earliest one.
        row_number() over (
            partition by contact_versions.source, contact_versions.contact_id, scored_dates.scored_on
            order by
                case when contact_versions.updated_on <= scored_dates.scored_on then 0 else 1 end,
                case when contact_versions.updated_on <= scored_dates.scored_on then contact_versions.updated_at end desc,
                contact_versions.updated_at,
                {{ lead_scoring.total_order(['loaded_at'] + columns, 'desc', 'contact_versions') }}
        ) as version_rank
    from contact_versions
    inner join contact_leads
        on contact_versions.source = contact_leads.source
        and contact_versions.contact_id = contact_leads.contact_id
    cross join scored_dates

),

final as (

    select
        lead_id,
        scored_on,
        source,
        {{ columns | join(',\n        ') }},
        row_number() over (
            partition by lead_id, scored_on
            order by
                -- An enrichment fills gaps: it is asked last.
                case when source in ('{{ var('lead_scoring_enrichment_sources') | join("', '") }}') then 1 else 0 end,
                updated_at desc,
                source,
                contact_id
        ) as contact_rank
    from versions_ranked
    where version_rank = 1

)

select * from final
