-- Grain: source, contact id. The lead of every contact that was not erased.
with contact_groups as (

    select * from {{ ref('int_contact_groups') }}

),

erased_leads as (

    select * from {{ ref('int_erased_leads') }}

),

final as (

    select
        contact_groups.source,
        contact_groups.contact_id,
        contact_groups.root_contact_id,
        contact_groups.email,
        contact_groups.lead_id
    from contact_groups
    where not exists (select 1 from erased_leads where erased_leads.lead_id = contact_groups.lead_id)

)

select * from final
