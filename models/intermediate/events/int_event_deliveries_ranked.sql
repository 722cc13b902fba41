-- Grain: readable event row whose event came more than once. Ranks the deliveries of one event: 1 stands, the others are duplicates.
-- Only the events that came more than once are ranked: a window over all of them would cost most of the build.
with event_rows as (

    select * from {{ ref('int_events_classified') }}
    where rejection_reason is null and not is_out_of_scope

),

redelivered as (

    select event_key
    from event_rows
    group by event_key
    having count(*) > 1

),

ranked as (

    select
        event_rows.*,
        row_number() over (
            partition by event_rows.event_key
            order by
                coalesce(event_rows.event_version, 0) desc,
                {{ lead_scoring.total_order([
                    'loaded_at', 'occurred_at', 'event_type', 'page_path', 'amount', 'properties', 'email', 'contact_id', 'anonymous_id', 'session_id',
                    'page_title', 'referrer', 'email_id', 'link_url', 'asset', 'campaign', 'utm_source', 'utm_medium', 'utm_campaign', 'duration_seconds',
                ], 'asc', 'event_rows') }},
                coalesce(event_rows.is_deleted, false)
        ) as delivery_rank,
        -- What the delivery says, without when it came: two deliveries that differ in it contradict one another.
        md5(
            {%- for column in [
                'occurred_at', 'event_type', 'page_path', 'amount', 'properties', 'email', 'contact_id', 'anonymous_id', 'session_id', 'page_title',
                'referrer', 'email_id', 'link_url', 'asset', 'campaign', 'utm_source', 'utm_medium', 'utm_campaign', 'duration_seconds',
                'event_version', 'is_deleted',
            ] %}
            coalesce(cast(event_rows.{{ column }} as string), '') || '|'{{ ' ||' if not loop.last }}
            {%- endfor %}
        ) as content_hash
    from event_rows
    inner join redelivered on event_rows.event_key = redelivered.event_key

)

select * from ranked
