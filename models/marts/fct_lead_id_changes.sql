-- Grain: lead id that became another one. For everybody who keeps lead ids elsewhere: what to replace, and since when.
with contact_versions as (

    select * from {{ ref('int_contacts_classified') }}
    where rejection_reason is null

),

contact_leads as (

    select * from {{ ref('int_contact_leads') }}

),

lead_aliases as (

    select * from {{ ref('int_lead_aliases') }}

),

-- Every id that a version of a contact ever stood for, and how long.
ids_borne as (

    select
        contact_leads.lead_id,
        contact_versions.updated_on as borne_on,
        case
            when contact_versions.email is not null then {{ lead_scoring.lead_id_of_email('contact_versions.email') }}
            else {{ lead_scoring.lead_id_of_contact('contact_versions.source', 'contact_versions.contact_id') }}
        end as borne_lead_id
    from contact_versions
    inner join contact_leads
        on contact_versions.source = contact_leads.source
        and contact_versions.contact_id = contact_leads.contact_id

),

last_borne as (

    select
        borne_lead_id,
        lead_id,
        max(borne_on) as last_borne_on
    from ids_borne
    group by borne_lead_id, lead_id

),

succeeded as (

    select
        last_borne.borne_lead_id as old_lead_id,
        last_borne.lead_id as new_lead_id,
        coalesce(min(ids_borne.borne_on), max(last_borne.last_borne_on)) as changed_on
    from last_borne
    inner join lead_aliases
        on last_borne.borne_lead_id = lead_aliases.alias_id
        and last_borne.lead_id = lead_aliases.lead_id
    left join ids_borne
        on last_borne.lead_id = ids_borne.lead_id
        and ids_borne.borne_lead_id <> last_borne.borne_lead_id
        and ids_borne.borne_on > last_borne.last_borne_on
    where last_borne.borne_lead_id <> last_borne.lead_id
    group by last_borne.borne_lead_id, last_borne.lead_id

),

final as (

    select
        old_lead_id,
        new_lead_id,
        changed_on
    from succeeded

)

select * from final
