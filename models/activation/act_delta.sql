-- Grain: operation. What has to be sent for each destination to hold what it should: desired less acknowledged, and the events that are due.
with desired as (

    select * from {{ ref('act_desired') }}

),

acknowledged as (

    select * from {{ ref('act_acknowledged') }}

),

lists as (

    select
        destination_lists.destination,
        destinations.provider,
        destination_lists.list_id,
        destination_lists.mode
    from {{ ref('stg_config__destination_lists') }} as destination_lists
    inner join {{ ref('stg_config__destinations') }} as destinations on destination_lists.destination = destinations.destination
    where destinations.is_on

),

suppressed as (

    select
        key,
        min(suppression) as suppression
    from {{ ref('act_suppressions') }}
    group by key

),

outcomes as (

    select * from {{ source('activation', 'outcomes') }}
    where kind = 'event' and status = 'accepted'

),

additions as (

    select
        desired.destination,
        desired.provider,
        desired.kind,
        desired.list_id,
        desired.key,
        desired.lead_id,
        case when coalesce(acknowledged.is_present, false) then 'update' else 'add' end as op,
        desired.payload,
        desired.payload_hash,
        acknowledged.op_id as after_op_id,
        case when coalesce(acknowledged.is_present, false) then 'changed' else 'new' end as reason,
        case when desired.kind = 'contact' then {{ lead_scoring.priority_of('contact') }} else {{ lead_scoring.priority_of('addition') }} end as priority
    from desired
    left join acknowledged
        on desired.destination = acknowledged.destination
        and desired.kind = acknowledged.kind
        and desired.list_id = acknowledged.list_id
        and desired.key = acknowledged.key
    where not coalesce(acknowledged.is_present, false)
        -- Only of a contact there is something to say anew: a member is there or not.
        or (desired.kind = 'contact' and desired.payload_hash <> acknowledged.payload_hash)

),

removals as (

    select
        acknowledged.destination,
        lists.provider,
        acknowledged.kind,
        acknowledged.list_id,
        acknowledged.key,
        acknowledged.lead_id,
        'remove' as op,
        '{}' as payload,
        md5('{}') as payload_hash,
        acknowledged.op_id as after_op_id,
        coalesce(suppressed.suppression, 'left') as reason,
        case when suppressed.key is not null then {{ lead_scoring.priority_of('opt_out') }} else {{ lead_scoring.priority_of('removal') }} end as priority
    from acknowledged
    inner join lists
        on acknowledged.destination = lists.destination
        and acknowledged.list_id = lists.list_id
    left join suppressed on acknowledged.key = suppressed.key
    left join desired
        on acknowledged.destination = desired.destination
        and acknowledged.kind = desired.kind
        and acknowledged.list_id = desired.list_id
        and acknowledged.key = desired.key
    where acknowledged.kind = 'member'
        and acknowledged.is_present
        and desired.key is null
        and (suppressed.key is not null or lists.mode <> 'upsert')

),

states as (

    select * from additions
    union all
    select * from removals

),

events as (

    select action_events.*
    from {{ ref('int_action_events') }} as action_events
    left join outcomes on action_events.op_id = outcomes.op_id
    where outcomes.op_id is null

),

final as (

    select
        destination, provider, kind, list_id, key, lead_id, op, payload, payload_hash,
        md5(destination || '|' || kind || '|' || list_id || '|' || key || '|' || op || '|' || payload_hash || '|' || coalesce(after_op_id, '')) as op_id,
        after_op_id, reason, priority
    from states
    union all
    select
        destination, provider, 'event' as kind, '' as list_id, key, lead_id, 'add' as op, payload, md5(payload) as payload_hash,
        op_id,
        cast(null as string) as after_op_id, 'transition' as reason, {{ lead_scoring.priority_of('event') }} as priority
    from events

)

select * from final
