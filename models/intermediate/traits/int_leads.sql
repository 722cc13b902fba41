-- Grain: lead. Everybody whom a contact or an event names, since when we know them, and the e-mail that names them.
with contact_versions as (

    select * from {{ ref('int_contacts_classified') }}
    where rejection_reason is null

),

contact_leads as (

    select * from {{ ref('int_contact_leads') }}

),

events as (

    select * from {{ ref('int_events_counted') }}

),

leads_seen as (

    select
        contact_leads.lead_id,
        contact_leads.email,
        contact_versions.created_on as seen_on
    from contact_versions
    inner join contact_leads
        on contact_versions.source = contact_leads.source
        and contact_versions.contact_id = contact_leads.contact_id
    union all
    select
        lead_id,
        case when {{ lead_scoring.lead_id_of_email('email') }} = lead_id then email end as email,
        occurred_on as seen_on
    from events

),

final as (

    select
        lead_id,
        max(email) as email,
        min(seen_on) as first_seen_on
    from leads_seen
    group by lead_id

)

select * from final
