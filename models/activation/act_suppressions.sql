-- Grain: address, suppression. Every address that must not be written to, and why. A suppression of one spelling holds for those with another +tag,
-- and for an earlier address of the lead that a destination still holds.
with leads as (

    select
        lead_id,
        email as key
    from {{ ref('dim_leads') }}
    where {{ lead_scoring.has_one_at('email') }}

),

lead_suppressions as (

    select * from {{ ref('int_lead_suppressions') }}

),

acknowledged as (

    select
        coalesce(lead_aliases.lead_id, acknowledged.lead_id) as lead_id,
        acknowledged.key
    from {{ ref('act_acknowledged') }} as acknowledged
    left join {{ ref('int_lead_aliases') }} as lead_aliases on acknowledged.lead_id = lead_aliases.alias_id

),

addresses as (

    select
        lead_id,
        key,
        {{ lead_scoring.base_address('key') }} as base_address
    from leads
    union
    select
        lead_id,
        key,
        {{ lead_scoring.base_address('key') }} as base_address
    from acknowledged

),

addresses_suppressed as (

    select distinct
        addresses.base_address,
        lead_suppressions.suppression
    from addresses
    inner join lead_suppressions on addresses.lead_id = lead_suppressions.lead_id

),

final as (

    select
        addresses.key,
        min(addresses.lead_id) as lead_id,
        addresses_suppressed.suppression
    from addresses
    inner join addresses_suppressed on addresses.base_address = addresses_suppressed.base_address
    group by addresses.key, addresses_suppressed.suppression

)

select * from final
