-- Grain: id of an engagement. When a call, meeting or e-mail took place and what became of it. Notes, tasks and messages of one's own staff are out of
-- scope, so their details are not read.
{{ config(enabled='hubspot' in var('lead_scoring_sources')) }}

with calls as (

    select * from {{ source('hubspot', 'engagement_call') }}

),

meetings as (

    select * from {{ source('hubspot', 'engagement_meeting') }}

),

emails as (

    select * from {{ source('hubspot', 'engagement_email') }}

),

details as (

    select
        engagement_id,
        upper({{ lead_scoring.trimmed('coalesce(property_hs_call_status, status)') }}) as outcome,
        coalesce(property_hs_timestamp, property_hs_createdate) as started_at,
        property_hs_createdate as recorded_at,
        coalesce(property_hs_call_duration, duration_milliseconds) / 1000 as duration_seconds,
        _fivetran_deleted as is_deleted,
        _raw_unreadable as unreadable_columns,
        _fivetran_synced
    from calls
    union all
    select
        engagement_id,
        upper({{ lead_scoring.trimmed('coalesce(property_hs_meeting_outcome, meeting_outcome)') }}) as outcome,
        coalesce(property_hs_meeting_start_time, start_time, property_hs_timestamp, property_hs_createdate) as started_at,
        property_hs_createdate as recorded_at,
        cast({{ lead_scoring.seconds_between(
            'coalesce(property_hs_meeting_start_time, start_time)', 'coalesce(property_hs_meeting_end_time, end_time)'
        ) }} as double) as duration_seconds,
        _fivetran_deleted as is_deleted,
        _raw_unreadable as unreadable_columns,
        _fivetran_synced
    from meetings
    union all
    select
        engagement_id,
        upper({{ lead_scoring.trimmed('property_hs_email_direction') }}) as outcome,
        coalesce(property_hs_timestamp, property_hs_createdate) as started_at,
        property_hs_createdate as recorded_at,
        cast(null as double) as duration_seconds,
        _fivetran_deleted as is_deleted,
        _raw_unreadable as unreadable_columns,
        _fivetran_synced
    from emails

),

final as (

    {{ lead_scoring.latest_rows('details', 'engagement_id', [
        'outcome', 'started_at', 'recorded_at', 'duration_seconds', 'is_deleted', 'unreadable_columns',
    ]) }}

)

select * from final
