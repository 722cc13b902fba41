-- Grain: destination, lead whose attributes it should have.
with destinations as (

    select destinations.*
    from {{ ref('stg_config__destinations') }} as destinations
    inner join {{ ref('stg_config__provider_limits') }} as provider_limits
        on destinations.provider = provider_limits.provider
        and provider_limits.operation = 'contact'
    where destinations.is_on

),

list_members as (

    select * from {{ ref('int_list_members') }}

),

recipients as (

    select * from {{ ref('int_recipients') }}

),

acknowledged as (

    select * from {{ ref('act_acknowledged') }}

),

lists_archiving as (

    select
        destination,
        list_id
    from {{ ref('stg_config__destination_lists') }}
    where mode = 'archive'

),

-- Whoever left a list that archives.
leavers as (

    select distinct
        acknowledged.destination,
        acknowledged.key
    from acknowledged
    inner join lists_archiving
        on acknowledged.destination = lists_archiving.destination
        and acknowledged.list_id = lists_archiving.list_id
    where acknowledged.kind = 'member'

),

contacts as (

    select
        destination,
        key
    from list_members
    union
    select
        destination,
        key
    from acknowledged
    where kind = 'contact'
    union
    select
        destinations.destination,
        recipients.key
    from destinations
    cross join recipients
    where destinations.contacts = 'all'

),

listed as (

    select distinct
        destination,
        key
    from list_members

),

final as (

    select
        destinations.destination,
        destinations.provider,
        recipients.lead_id,
        recipients.key,
        leavers.key is not null and listed.key is null as is_archived
    from contacts
    inner join destinations on contacts.destination = destinations.destination
    inner join recipients on contacts.key = recipients.key
    left join leavers
        on contacts.destination = leavers.destination
        and contacts.key = leavers.key
    left join listed
        on contacts.destination = listed.destination
        and contacts.key = listed.key

)

select * from final
