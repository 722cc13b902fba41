-- Grain: row of task as delivered x person. A task that names nobody keeps its one row.
{{ config(enabled='salesforce' in var('lead_scoring_sources')) }}

with tasks as (

    {{ lead_scoring.salesforce_versions('task') }}

),

email_messages as (

    {{ lead_scoring.salesforce_versions('email_message') }}

),

activity_people as (

    select * from {{ ref('base_salesforce__activity_people') }}

),

people as (

    select
        id,
        record_version,
        who_id as contact_id
    from tasks
    where who_id is not null
    -- Not all: the first person may stand among the others, too.
    union
    select
        tasks.id,
        tasks.record_version,
        activity_people.contact_id
    from tasks
    inner join activity_people on tasks.id = activity_people.activity_id

),

incoming_emails as (

    select distinct activity_id
    from email_messages
    where is_current and not is_gone and incoming

),

joined as (

    select
        tasks.*,
        people.contact_id,
        -- Calls that another program logs are tasks of subtype Task, and their kind stands in the type.
        case
            when coalesce(tasks.is_recurrence, false) then 'SERIES'
            when {{ lead_scoring.comparable('tasks.task_subtype') }} <> 'task' then {{ lead_scoring.salesforce_code('tasks.task_subtype') }}
            else coalesce({{ lead_scoring.salesforce_code('tasks.type') }}, 'TASK')
        end as kind,
        case
            when not coalesce(tasks.is_closed, {{ lead_scoring.comparable('tasks.status') }} = 'completed', false) then 'OPEN'
            when incoming_emails.activity_id is not null then 'INCOMING'
            when {{ lead_scoring.comparable('tasks.call_type') }} = 'internal' then 'INTERNAL'
            else {{ lead_scoring.salesforce_code('tasks.call_disposition') }}
        end as result
    from tasks
    left join people on tasks.id = people.id and tasks.record_version = people.record_version
    left join incoming_emails on tasks.id = incoming_emails.activity_id

),

final as (

    select
        -- ids
        'task:' || id || coalesce(':' || contact_id, '') as event_id,
        contact_id,
        -- strings
        'TASK_' || kind as vendor_type,
        'TASK_' || kind || '_' || result as native_code,
        cast(null as string) as campaign,
        {{ lead_scoring.json_object({'call_type': 'call_type', 'call_disposition': 'call_disposition'}) }} as properties,
        -- numbers
        record_version as event_version,
        call_duration_in_seconds as duration_seconds,
        cast(null as double) as amount,
        -- booleans
        is_gone or not is_current as is_deleted,
        -- times
        -- activity_date is the day on which the task was due.
        coalesce(completed_date_time, activity_date, created_date) as occurred_at,
        loaded_at,

        -- provenance
        {{ lead_scoring.provenance('task') }}
    from joined

)

select * from final
