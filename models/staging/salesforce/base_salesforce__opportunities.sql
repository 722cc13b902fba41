-- Grain: row of opportunity as delivered x contact x what happened: it was opened, it was closed. One that names nobody keeps its one row.
{{ config(enabled='salesforce' in var('lead_scoring_sources')) }}

with opportunities as (

    {{ lead_scoring.salesforce_versions('opportunity') }}

),

people as (

    select
        *,
        count(*) over (partition by opportunity_id) as people_count
    from {{ ref('base_salesforce__opportunity_people') }}

),

joined as (

    select
        opportunities.*,
        people.contact_id as person_id,
        people.people_count
    from opportunities
    left join people on opportunities.id = people.opportunity_id

),

milestones as (

    select
        joined.*,
        'created' as milestone,
        'OPPORTUNITY_CREATED' as vendor_type,
        created_date as occurred_at
    from joined
    union all
    select
        joined.*,
        'closed' as milestone,
        case when is_won then 'OPPORTUNITY_WON' else 'OPPORTUNITY_LOST' end as vendor_type,
        -- The close date is a plan as long as the deal is open, and stays in the future when a deal closes early; no deal is closed later than its row says
        -- so.
        case
            when close_date <= coalesce(last_stage_change_date, loaded_at) then close_date
            when close_date is not null then coalesce(last_stage_change_date, loaded_at)
        end as occurred_at
    from joined
    where person_id is not null and (is_won or is_closed)

),

final as (

    select
        -- ids
        'opportunity:' || id || coalesce(':' || person_id, '') || ':' || milestone as event_id,
        person_id as contact_id,
        -- strings
        vendor_type,
        cast(null as string) as native_code,
        cast(null as string) as campaign,
        {{ lead_scoring.json_object({'stage': 'stage_name', 'type': 'type'}) }} as properties,
        stage_name,
        -- numbers
        record_version as event_version,
        cast(null as double) as duration_seconds,
        -- A deal is paid once, however many contacts took part in it: equal shares keep every sum right.
        amount / people_count as amount,
        -- booleans
        is_gone or not is_current as is_deleted,
        -- times
        occurred_at,
        loaded_at,

        -- provenance
        {{ lead_scoring.provenance('opportunity') }}
    from milestones

)

select * from final
