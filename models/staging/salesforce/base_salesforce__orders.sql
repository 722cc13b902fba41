-- Grain: row of order as delivered. An order is of an account; a person is known only where the order, its opportunity or a person account names one.
{{ config(enabled='salesforce' in var('lead_scoring_sources')) }}

with orders as (

    {{ lead_scoring.salesforce_versions('order') }}

),

accounts as (

    select * from ({{ lead_scoring.salesforce_versions('account') }}) as account_versions
    where is_current and person_contact_id is not null

),

primary_contacts as (

    select
        opportunity_id,
        min(contact_id) as contact_id
    from {{ ref('base_salesforce__opportunity_people') }}
    where is_primary
    group by opportunity_id

),

joined as (

    select
        orders.*,
        coalesce(
            orders.bill_to_contact_id, orders.customer_authorized_by_id, accounts.person_contact_id, primary_contacts.contact_id
        ) as contact_id
    from orders
    left join accounts on orders.account_id = accounts.id
    left join primary_contacts on orders.opportunity_id = primary_contacts.opportunity_id

),

final as (

    select
        -- ids
        'order:' || id as event_id,
        contact_id,
        -- strings
        'ORDER' as vendor_type,
        -- The status is in words of the account, its code says what they mean. A reduction order takes back what another one sold.
        case
            when coalesce(is_reduction_order, false) then 'ORDER_REDUCTION'
            else 'ORDER_' || {{ lead_scoring.salesforce_code('coalesce(status_code, status)') }}
        end as native_code,
        cast(null as string) as campaign,
        {{ lead_scoring.json_object({'order_number': 'order_number', 'type': 'type'}) }} as properties,
        -- numbers
        record_version as event_version,
        cast(null as double) as duration_seconds,
        total_amount as amount,
        -- booleans
        is_gone or not is_current as is_deleted,
        -- times
        coalesce(activated_date, effective_date, created_date) as occurred_at,
        loaded_at,

        -- provenance
        {{ lead_scoring.provenance('order') }}
    from joined

)

select * from final
