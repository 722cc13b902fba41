-- Grain: address, suppression. Every address that must not be written to, and why. A suppression of one spelling holds for those with another +tag.
with leads as (

    select
        lead_id,
        email as key,
        {{ lead_scoring.base_address('email') }} as base_address
    from {{ ref('dim_leads') }}
    where {{ lead_scoring.has_one_at('email') }}

),

lead_suppressions as (

    select * from {{ ref('int_lead_suppressions') }}

),

addresses_suppressed as (

    select distinct
        leads.base_address,
        lead_suppressions.suppression
    from leads
    inner join lead_suppressions on leads.lead_id = lead_suppressions.lead_id

),

final as (

    select distinct
        leads.key,
        leads.lead_id,
        addresses_suppressed.suppression
    from leads
    inner join addresses_suppressed on leads.base_address = addresses_suppressed.base_address

)

select * from final
