-- Grain: closed deal x contact. What became of the leads of a deal. Open deals say nothing yet.
{{ config(enabled='hubspot' in var('lead_scoring_sources')) }}

with deals as (

    {{ lead_scoring.latest_rows(source('hubspot', 'deal'), 'deal_id', [
        '_fivetran_synced', 'is_deleted', '_fivetran_deleted', 'deal_pipeline_stage_id', 'property_closedate', 'property_amount',
        'property_amount_in_home_currency', 'property_hs_is_closed_won', 'property_hs_is_closed_lost', 'property_closed_won_reason',
        'property_closed_lost_reason', '_raw_unreadable', '_raw_file', '_raw_row', '_raw_text',
    ]) }}

),

stages as (

    {{ lead_scoring.latest_rows(source('hubspot', 'deal_pipeline_stage'), 'stage_id', ['closed_won', 'is_closed', 'probability']) }}

),

-- Merged deals stay in the table without any flag. Their money is in the deal that stands.
merged_deals as (

    select distinct merged_deal_id
    from {{ source('hubspot', 'merged_deal') }}

),

-- A pair comes once per kind of association.
participants as (

    select
        deal_id,
        contact_id,
        max(_fivetran_synced) as _fivetran_synced
    from {{ source('hubspot', 'deal_contact') }}
    where deal_id is not null and contact_id is not null
    group by deal_id, contact_id

),

deals_judged as (

    select
        deals.*,
        -- A stage's probability is 1 when its deals are won and 0 when they are lost; accounts without the flags have only that.
        coalesce(deals.property_hs_is_closed_won, stages.closed_won, stages.probability = 1, false) as is_won,
        coalesce(deals.property_hs_is_closed_lost, stages.is_closed, stages.probability = 0, false) as is_closed
    from deals
    left join stages on deals.deal_pipeline_stage_id = stages.stage_id
    where not coalesce(deals.is_deleted, deals._fivetran_deleted, false)
        and not exists (
            select 1 from merged_deals
            where merged_deals.merged_deal_id = deals.deal_id
        )

),

final as (

    select
        -- ids
        cast(null as string) as email,
        participants.contact_id,
        -- times
        deals_judged.property_closedate as occurred_at,

        -- provenance
        deals_judged._raw_unreadable as unreadable_columns,
        'deal' as raw_table,
        deals_judged._raw_file as raw_file,
        deals_judged._raw_row as raw_row,
        deals_judged._raw_text as raw_text,

        deals_judged.deal_id || coalesce(':' || participants.contact_id, '') as outcome_id,
        coalesce(deals_judged._fivetran_synced, participants._fivetran_synced) as loaded_at,
        case when deals_judged.is_won then 'won' else 'lost' end as outcome,
        case when deals_judged.is_won then deals_judged.property_closed_won_reason else deals_judged.property_closed_lost_reason end as reason,
        -- A deal is paid once, however many contacts took part in it: equal shares keep every sum right.
        coalesce(deals_judged.property_amount_in_home_currency, deals_judged.property_amount)
        / count(*) over (partition by deals_judged.deal_id) as amount
    from deals_judged
    left join participants on deals_judged.deal_id = participants.deal_id
    where deals_judged.is_won or deals_judged.is_closed

)

select * from final
