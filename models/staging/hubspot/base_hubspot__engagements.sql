-- Grain: row of engagement as delivered x contact that took part. An engagement without contacts keeps its one row: it names nobody, and has to be
-- accounted for.
{{ config(enabled='hubspot' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('hubspot', 'engagement') }}

),

-- A pair comes once per kind of association, and is one all the same.
participants as (

    select distinct
        engagement_id,
        contact_id
    from {{ source('hubspot', 'engagement_contact') }}
    where engagement_id is not null and contact_id is not null

),

details as (

    select * from {{ ref('base_hubspot__engagement_details') }}

),

joined as (

    select
        source.*,
        participants.contact_id,
        upper({{ lead_scoring.trimmed('source.type') }}) as vendor_type,
        details.outcome,
        coalesce(details.started_at, source.timestamp) as started_at,
        coalesce(details.recorded_at, source.created_at) as recorded_at,
        details.duration_seconds,
        coalesce(source._fivetran_deleted, false) or coalesce(details.is_deleted, false) as is_deleted,
        details.unreadable_columns as unreadable_details
    from source
    left join participants on source.id = participants.engagement_id
    left join details on source.id = details.engagement_id

),

-- A meeting that begins after its row was loaded has not been held, whatever its outcome column leaves open.
coded as (

    select
        *,
        case when vendor_type = 'MEETING' and outcome is null and started_at > _fivetran_synced then 'SCHEDULED' else outcome end as native_outcome
    from joined

),

final as (

    select
        -- ids
        'engagement:' || id || coalesce(':' || contact_id, '') as event_id,
        cast(null as string) as email,
        contact_id,
        cast(null as string) as email_id,
        -- strings
        vendor_type,
        vendor_type || '_' || native_outcome as native_code,
        cast(null as string) as campaign,
        cast(null as string) as link_url,
        cast(null as string) as referrer,
        cast(null as string) as asset,
        cast(null as string) as page_url,
        cast(null as string) as page_title,
        -- The vendor's own word, where it says more than our code.
        {{ lead_scoring.json_object({'outcome': 'outcome'}) }} as properties,
        -- numbers
        -- Nobody has spent the time of a meeting that is still to come.
        case when native_outcome = 'SCHEDULED' then null else duration_seconds end as duration_seconds,
        -- booleans
        is_deleted,
        -- times
        -- What is scheduled happened when it was booked, not when it will take place.
        case when vendor_type = 'MEETING' and native_outcome = 'SCHEDULED' then coalesce(recorded_at, started_at) else started_at end as occurred_at,
        _fivetran_synced as loaded_at,

        -- provenance
        case
            when _raw_unreadable is not null and unreadable_details is not null then _raw_unreadable || ',' || unreadable_details
            else coalesce(_raw_unreadable, unreadable_details)
        end as unreadable_columns,
        'engagement' as raw_table,
        _raw_file as raw_file,
        _raw_row as raw_row,
        _raw_text as raw_text
    from coded

)

select * from final
