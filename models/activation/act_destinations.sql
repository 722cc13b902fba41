-- Grain: destination. Where leads are sent, within which limits, and how many contacts change.
with destinations as (

    select * from {{ ref('stg_config__destinations') }}

),

acknowledged as (

    select
        destination,
        count(*) as acknowledged_contacts
    from {{ ref('act_acknowledged') }}
    where kind = 'contact' and is_present
    group by destination

),

changes as (

    select
        destination,
        count(case when kind = 'contact' then 1 end) as contact_changes,
        count(case when kind = 'event' then 1 end) as events
    from {{ ref('act_delta') }}
    group by destination

),

final as (

    select
        destinations.destination,
        destinations.provider,
        destinations.contacts,
        destinations.is_on,
        coalesce(acknowledged.acknowledged_contacts, 0) as acknowledged_contacts,
        coalesce(changes.contact_changes, 0) as contact_changes,
        coalesce(changes.events, 0) as events,
        destinations.max_share,
        destinations.max_changes
    from destinations
    left join acknowledged on destinations.destination = acknowledged.destination
    left join changes on destinations.destination = changes.destination

)

select * from final
