-- Grain: destination, kind, list, address. What each destination holds: the operation that it accepted last. Nobody who was erased is here.
with outcomes as (

    select * from {{ source('activation', 'outcomes') }}
    where status = 'accepted'
        and kind in ('contact', 'member')

),

erased as (

    select lead_id from {{ ref('int_erased_leads') }}
    union all
    select lead_aliases.alias_id as lead_id
    from {{ ref('int_lead_aliases') }} as lead_aliases
    inner join {{ ref('int_erased_leads') }} as erased_leads on lead_aliases.lead_id = erased_leads.lead_id

),

outcomes_ranked as (

    select
        outcomes.*,
        row_number() over (
            partition by outcomes.destination, outcomes.kind, outcomes.list_id, outcomes.key
            order by outcomes.told_at desc, outcomes.push_id desc, outcomes.op_id
        ) as recency_rank
    from outcomes
    where outcomes.lead_id not in (select erased.lead_id from erased)

),

final as (

    select
        destination,
        kind,
        list_id,
        key,
        lead_id,
        op_id,
        payload_hash,
        op <> 'remove' as is_present,
        told_at as acknowledged_at
    from outcomes_ranked
    where recency_rank = 1

)

select * from final
