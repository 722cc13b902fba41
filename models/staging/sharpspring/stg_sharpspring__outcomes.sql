-- Grain: closed opportunity x lead. What became of the leads of an opportunity. Open ones say nothing yet.
{{ config(enabled='sharpspring' in var('lead_scoring_sources')) }}

{% set time_zone = var('lead_scoring_source_timezones').get('sharpspring', 'UTC') %}
with opportunities as (

    {{ lead_scoring.latest_rows(source('sharpspring', 'opportunity'), 'id', [
        'updatetimestamp', '_loaded_at', 'primaryleadid', 'dealstageid', 'iswon', 'isclosed', 'closedate', 'amount', '_raw_unreadable', '_raw_file', '_raw_row',
        '_raw_text',
    ], loaded_at='_loaded_at') }}

),

deal_stages as (

    {{ lead_scoring.latest_rows(source('sharpspring', 'deal_stage'), 'id', ['dealstagename', 'defaultprobability'], loaded_at='_loaded_at') }}

),

-- The lead that the opportunity was made for may be missing among its leads. Not all: it is one lead all the same.
participants as (

    select
        opportunityid as opportunity_id,
        leadid as lead_id
    from {{ source('sharpspring', 'opportunity_lead') }}
    where opportunityid is not null and leadid is not null
    union
    select
        id as opportunity_id,
        primaryleadid as lead_id
    from opportunities
    where primaryleadid is not null and primaryleadid <> '0'

),

-- A stage whose deals are all but sure to come, or not to come, stands for the flags where an export has none.
opportunities_judged as (

    select
        opportunities.*,
        deal_stages.dealstagename as stage_name,
        coalesce(opportunities.iswon, deal_stages.defaultprobability = 100, false) as is_won,
        coalesce(opportunities.isclosed, deal_stages.defaultprobability = 0, false) as is_closed,
        coalesce(
            {{ lead_scoring.local_to_utc('coalesce(opportunities.closedate, opportunities.updatetimestamp)', time_zone) }}, opportunities._loaded_at
        ) as occurred_at
    from opportunities
    left join deal_stages on opportunities.dealstageid = deal_stages.id

),

final as (

    select
        -- ids
        opportunities_judged.id || coalesce(':' || participants.lead_id, '') as outcome_id,
        participants.lead_id as contact_id,
        cast(null as string) as email,
        -- strings
        case when opportunities_judged.is_won then 'won' else 'lost' end as outcome,
        opportunities_judged.stage_name as reason,
        -- numbers
        -- An opportunity is paid once, however many leads took part in it: equal shares keep every sum right.
        opportunities_judged.amount / count(*) over (partition by opportunities_judged.id) as amount,
        -- times
        opportunities_judged.occurred_at,
        coalesce(opportunities_judged._loaded_at, opportunities_judged.occurred_at) as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('opportunity', 'opportunities_judged') }}
    from opportunities_judged
    left join participants on opportunities_judged.id = participants.opportunity_id
    where opportunities_judged.is_won or opportunities_judged.is_closed

)

select * from final
