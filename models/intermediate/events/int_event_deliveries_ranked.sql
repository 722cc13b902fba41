-- Grain: readable event row whose event came more than once. Ranks the deliveries of one event: 1 stands, the others are duplicates.
-- Only the events that came more than once are ranked, and they are found by a hash: a window over all of them would cost most of the build.
{% set content = [
    'occurred_at', 'event_type', 'page_path', 'amount', 'properties', 'email', 'contact_id', 'anonymous_id', 'session_id', 'page_title', 'referrer', 'email_id',
    'link_url', 'asset', 'campaign', 'utm_source', 'utm_medium', 'utm_campaign', 'duration_seconds', 'event_version', 'is_deleted',
] %}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['state'],
    pre_hook="{{ lead_scoring.forget(this, 'event_hash in (select event_hash from ' ~ ref('int_event_hashes_read') ~ ')') }}"
) }}
-- depends_on: {{ ref('int_event_hashes_read') }}

with event_rows as (

    select * from {{ ref('int_events_classified') }}
    where rejection_reason is null and not is_out_of_scope and not is_erased
        {%- if lead_scoring.is_day_run() %}
        and event_hash in (select event_hash from {{ ref('int_event_hashes_read') }})
        {%- endif %}

),

-- Read by itself: an engine that writes down what two steps read would write down every event.
hashes_repeated as (

    select event_hash
    from {{ ref('int_events_classified') }}
    where rejection_reason is null and not is_out_of_scope and not is_erased
        {%- if lead_scoring.is_day_run() %}
        and event_hash in (select event_hash from {{ ref('int_event_hashes_read') }})
        {%- endif %}
    group by event_hash
    having count(*) > 1

),

candidates as (

    select event_rows.*
    from event_rows
    inner join hashes_repeated on event_rows.event_hash = hashes_repeated.event_hash

),

redelivered as (

    select event_key
    from candidates
    group by event_key
    having count(*) > 1

),

ranked as (

    select
        candidates.*,
        row_number() over (
            partition by candidates.event_key
            order by
                coalesce(candidates.event_version, 0) desc,
                {{ lead_scoring.total_order([
                    'loaded_at', 'occurred_at', 'event_type', 'page_path', 'amount', 'properties', 'email', 'contact_id', 'anonymous_id', 'session_id',
                    'page_title', 'referrer', 'email_id', 'link_url', 'asset', 'campaign', 'utm_source', 'utm_medium', 'utm_campaign', 'duration_seconds',
                ], 'asc', 'candidates') }},
                coalesce(candidates.is_deleted, false),
                -- Rows that say the same: only which of them is shown is left to say.
                {{ lead_scoring.total_order(['raw_table', 'raw_file', 'raw_row'], 'asc', 'candidates') }}
        ) as delivery_rank,
        -- What the delivery says, without when it came: two deliveries that differ in it contradict one another.
        md5(
            {%- for column in content %}
            coalesce(cast(candidates.{{ column }} as string), '') || '|'{{ ' ||' if not loop.last }}
            {%- endfor %}
        ) as content_hash
    from candidates
    inner join redelivered on candidates.event_key = redelivered.event_key

)

select * from ranked
