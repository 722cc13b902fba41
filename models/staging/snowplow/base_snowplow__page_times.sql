-- Grain: page view and session. How long somebody was active on a page: its pings, which are no page views, counted as time.
{{ config(enabled='snowplow' in var('lead_scoring_sources')) }}

with events as (

    select * from {{ ref('base_snowplow__events') }}

),

-- The tracker sends a ping after the first seconds of activity and one with each heartbeat in which there was some; a ping that came twice falls into the same heartbeat.
final as (

    select
        session_id,
        page_view_id,
        {{ var('lead_scoring_snowplow_heartbeat_seconds') }} * (count(distinct {{ lead_scoring.whole_quotient(
            'cast(floor(' ~ lead_scoring.seconds_between("cast('1970-01-01' as timestamp)", 'device_at') ~ ') as bigint)',
            var('lead_scoring_snowplow_heartbeat_seconds')
        ) }}) - 1) + {{ var('lead_scoring_snowplow_first_ping_seconds') }} as engaged_seconds
    from events
    where vendor_type = 'PAGE_PING'
        and session_id is not null
        and page_view_id is not null
        and device_at between cast('1970-01-01' as timestamp) and cast('2100-01-01' as timestamp)
        and {{ lead_scoring.is_known('loaded_at') }}
    group by session_id, page_view_id

)

select * from final
