-- Grain: row of event as delivered x person x what happened: the meeting was booked, the meeting was held. An event that names nobody keeps its one row,
-- and so does one that is out of scope.
{{ config(enabled='salesforce' in var('lead_scoring_sources')) }}

with events as (

    {{ lead_scoring.salesforce_versions('event') }}

),

activity_people as (

    select * from {{ ref('base_salesforce__activity_people') }}

),

people as (

    select
        id,
        record_version,
        who_id as contact_id
    from events
    where who_id is not null
    -- Not all: the first person may stand among the others, too.
    union
    select
        events.id,
        events.record_version,
        activity_people.contact_id
    from events
    inner join activity_people on events.id = activity_people.activity_id

),

joined as (

    select
        events.*,
        people.contact_id,
        coalesce(events.start_date_time, events.activity_date_time, events.activity_date) as started_at,
        -- What is no meeting with this person, whatever its type says.
        case
            when coalesce(events.is_recurrence, false) or events.group_event_type = '3' then 'EVENT_SERIES'
            when events.group_event_type = '2' then 'EVENT_PROPOSED'
            when coalesce(events.is_child, false) then 'EVENT_CHILD'
            when activity_people.has_declined then 'EVENT_DECLINED'
        end as special_code
    from events
    left join people on events.id = people.id and events.record_version = people.record_version
    left join activity_people on events.id = activity_people.activity_id and people.contact_id = activity_people.contact_id

),

-- Nothing in the record changes when a meeting takes place: one that still stands in the calendar then was held, and the row knows so from its start on.
milestones as (

    select
        joined.*,
        'held' as milestone,
        coalesce(special_code, 'EVENT') as vendor_type,
        started_at as occurred_at,
        greatest(loaded_at, started_at) as known_from,
        case when special_code is null and not coalesce(is_all_day_event, false) then duration_in_minutes * 60 end as duration_seconds
    from joined
    union all
    -- One that was entered afterwards was not booked here.
    select
        joined.*,
        'booked' as milestone,
        'EVENT_BOOKED' as vendor_type,
        created_date as occurred_at,
        loaded_at as known_from,
        cast(null as double) as duration_seconds
    from joined
    where special_code is null and contact_id is not null and created_date < started_at

),

final as (

    select
        -- ids
        'event:' || id || coalesce(':' || contact_id, '') || ':' || milestone as event_id,
        contact_id,
        -- strings
        vendor_type,
        case when special_code is null then vendor_type || '_' || {{ lead_scoring.salesforce_code('type') }} end as native_code,
        cast(null as string) as campaign,
        {{ lead_scoring.json_object({'type': 'type'}) }} as properties,
        -- numbers
        record_version as event_version,
        duration_seconds,
        cast(null as double) as amount,
        -- booleans
        is_gone or not is_current as is_deleted,
        -- times
        occurred_at,
        known_from as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('event') }}
    from milestones

)

select * from final
