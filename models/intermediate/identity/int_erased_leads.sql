-- Grain: lead that asked to be forgotten. Ids only; whoever is here is dropped before the first table is written.
with requests_delivered as (

    {{ lead_scoring.union_sources('erasures') }}

),

requests as (

    select
        source,
        {{ lead_scoring.normalised_email('email') }} as email,
        contact_id,
        requested_at
    from requests_delivered

),

lead_aliases as (

    select * from {{ ref('int_lead_aliases') }}

),

-- A request that names both an e-mail and a contact erases both, should they be different leads.
names as (

    select
        {{ lead_scoring.lead_id_of_email('email') }} as alias_id,
        requested_at
    from requests
    where email is not null
    union all
    select
        {{ lead_scoring.lead_id_of_contact('source', 'contact_id') }} as alias_id,
        requested_at
    from requests
    where contact_id is not null

),

final as (

    select
        coalesce(lead_aliases.lead_id, names.alias_id) as lead_id,
        min(names.requested_at) as requested_at
    from names
    left join lead_aliases on names.alias_id = lead_aliases.alias_id
    group by coalesce(lead_aliases.lead_id, names.alias_id)

)

select * from final
