-- Grain: closed opportunity x contact, and lead that was converted: what became of them. Open deals say nothing yet. A deal that names nobody is told of
-- among the events.
{{ config(enabled='salesforce' in var('lead_scoring_sources')) }}

with opportunities as (

    select * from {{ ref('base_salesforce__opportunities') }}

),

people as (

    select * from {{ ref('base_salesforce__people') }}

),

outcomes as (

    select
        event_id as outcome_id,
        contact_id,
        case when vendor_type = 'OPPORTUNITY_WON' then 'won' else 'lost' end as outcome,
        stage_name as reason,
        occurred_at,
        loaded_at,
        amount,
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from opportunities
    where vendor_type in ('OPPORTUNITY_WON', 'OPPORTUNITY_LOST') and not is_deleted
    union all
    -- Sales converts the leads that it takes on.
    select
        'conversion:' || contact_id as outcome_id,
        contact_id,
        'accepted' as outcome,
        cast(null as string) as reason,
        became_at as occurred_at,
        loaded_at,
        cast(null as double) as amount,
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from people
    where converted_contact_id is not null and contact_id is not null and is_current

),

final as (

    select
        -- ids
        outcome_id,
        cast(null as string) as email,
        contact_id,
        -- strings
        outcome,
        reason,
        -- numbers
        amount,
        -- times
        occurred_at,
        loaded_at,

        -- provenance
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from outcomes

)

select * from final
