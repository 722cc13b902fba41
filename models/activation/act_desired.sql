-- Grain: destination, kind, list, address. What each destination should hold: attributes of contacts, and members of lists.
with contacts_desired as (

    select * from {{ ref('int_contacts_desired') }}

),

contact_attributes as (

    select * from {{ ref('int_contact_attributes') }}

),

list_members as (

    select * from {{ ref('int_list_members') }}

),

payloads as (

    select
        destination,
        lead_id,
        '{' || {{ lead_scoring.joined_in_order(lead_scoring.json_string('attribute') ~ " || ':' || value_json", ',', 'attribute') }} || '}' as payload
    from contact_attributes
    group by destination, lead_id

),

listed as (

    select
        contacts_desired.destination,
        contacts_desired.provider,
        'contact' as kind,
        '' as list_id,
        contacts_desired.key,
        contacts_desired.lead_id,
        coalesce(payloads.payload, '{}') as payload
    from contacts_desired
    left join payloads
        on contacts_desired.destination = payloads.destination
        and contacts_desired.lead_id = payloads.lead_id
    union all
    select
        destination,
        provider,
        'member' as kind,
        list_id,
        key,
        lead_id,
        '{}' as payload
    from list_members

),

final as (

    select
        destination,
        provider,
        kind,
        list_id,
        key,
        lead_id,
        payload,
        md5(payload) as payload_hash
    from listed

)

select * from final
