-- Grain: anonymous id, stint during which it belonged to one lead (half-open; open ends are null). Who sat at the browser, as far as somebody said so.
with events as (

    select * from {{ ref('int_events_deduplicated') }}

),

-- What erased people said of a browser still counts: their visits have to be recognised to be dropped.
erased_event_rows as (

    select * from {{ ref('int_events_read') }}
    where is_erased and rejection_reason is null and not is_out_of_scope

),

contact_versions as (

    select * from {{ ref('int_contacts_classified') }}
    where rejection_reason is null

),

contact_groups as (

    select * from {{ ref('int_contact_groups') }}

),

evidence as (

    select
        anonymous_id,
        identified_lead_id as lead_id,
        occurred_at as identified_at
    from events
    where anonymous_id is not null and identified_lead_id is not null
    union all
    select
        anonymous_id,
        identified_lead_id as lead_id,
        occurred_at as identified_at
    from erased_event_rows
    where anonymous_id is not null
    union all
    select
        contact_versions.anonymous_id,
        contact_groups.lead_id,
        contact_versions.created_at as identified_at
    from contact_versions
    inner join contact_groups
        on contact_versions.source = contact_groups.source
        and contact_versions.contact_id = contact_groups.contact_id
    where contact_versions.anonymous_id is not null

),

-- At one moment one lead: ties go to the smaller id.
identifications as (

    select
        anonymous_id,
        identified_at,
        min(lead_id) as lead_id
    from evidence
    group by anonymous_id, identified_at

),

changes_marked as (

    select
        anonymous_id,
        lead_id,
        identified_at,
        lag(lead_id) over (partition by anonymous_id order by identified_at) as previous_lead_id
    from identifications

),

-- Evidence that repeats what is known already opens no stint: a shared computer has few stints, however often people log in.
stints as (

    select
        anonymous_id,
        lead_id,
        previous_lead_id,
        identified_at,
        lead(identified_at) over (partition by anonymous_id order by identified_at) as next_identified_at
    from changes_marked
    where previous_lead_id is null or previous_lead_id <> lead_id

),

final as (

    select
        anonymous_id,
        lead_id,
        -- What happened before the first identification belongs to the first one.
        case when previous_lead_id is not null then identified_at end as identified_from,
        next_identified_at as identified_until
    from stints

)

select * from final
