-- Grain: lead with a contact, stretch of scored dates on which no contact of it changed. What its contacts say of a lead: each field from the most recently
-- updated contact that has it.
{{ config(materialized='view') }}

{% set fields = lead_scoring.canonical_columns('contacts').keys() | reject('in', ['email', 'anonymous_id', 'loaded_at', 'is_email_opted_out']) | list %}

with contact_versions as (

    select * from {{ ref('int_contact_versions_selected') }}

),

contact_counts as (

    select
        lead_id,
        count(*) as contact_count
    from {{ ref('int_contact_leads') }}
    group by lead_id

),

only_contacts as (

    select contact_versions.*
    from contact_versions
    inner join contact_counts on contact_versions.lead_id = contact_counts.lead_id
    where contact_counts.contact_count = 1

),

contacts_among_others as (

    select contact_versions.*
    from contact_versions
    inner join contact_counts on contact_versions.lead_id = contact_counts.lead_id
    where contact_counts.contact_count > 1

),

changes as (

    select distinct
        lead_id,
        held_from_on as changed_on
    from contacts_among_others

),

contacts_ranked as (

    select
        changes.changed_on,
        contacts_among_others.*,
        row_number() over (
            partition by changes.lead_id, changes.changed_on
            order by
                -- An enrichment fills gaps: it is asked last.
                case when contacts_among_others.source in ('{{ var('lead_scoring_enrichment_sources') | join("', '") }}') then 1 else 0 end,
                contacts_among_others.updated_at desc,
                contacts_among_others.source,
                contacts_among_others.contact_id
        ) as contact_rank
    from changes
    inner join contacts_among_others
        on changes.lead_id = contacts_among_others.lead_id
        and changes.changed_on >= contacts_among_others.held_from_on
        and changes.changed_on <= contacts_among_others.held_until_on

),

final as (

    select lead_id, held_from_on, held_until_on, {{ fields | join(', ') }}, is_email_opted_out
    from only_contacts
    union all
    select
        lead_id,
        changed_on as held_from_on,
        min(held_until_on) as held_until_on,
        {%- for field in fields %}
        min_by({{ field }}, contact_rank) filter (where {{ field }} is not null) as {{ field }},
        {%- endfor %}
        -- An objection anywhere is an objection.
        bool_or(is_email_opted_out) as is_email_opted_out
    from contacts_ranked
    group by lead_id, changed_on

)

select * from final
