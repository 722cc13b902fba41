-- Grain: event that another source reported too. Of the sources that cross_source_duplicates.csv lists for its type the first one that reported it stands.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['state'],
    pre_hook="{{ lead_scoring.forget(this, 'event_hash in (select event_hash from ' ~ ref('int_events_touched') ~ ')') }}"
) }}
-- depends_on: {{ ref('int_events_touched') }}

with events as (

    select * from {{ ref('int_events_attributed') }}

),

duplicate_rules as (

    select * from {{ ref('stg_config__cross_source_duplicates') }}
    -- A source alone has nothing twice.
    where {{ 'true' if var('lead_scoring_sources') | length > 1 else 'false' }}

),

event_types_split as (

    select
        {{ lead_scoring.trimmed(lead_scoring.split_to_rows('event_types', '|')) }} as event_type,
        '|' || replace(sources, ' ', '') || '|' as sources,
        window_seconds
    from duplicate_rules

),

-- The earlier a source stands in the list, the more it is worth.
events_ranked as (

    select
        events.lead_id,
        events.event_hash,
        events.event_key,
        events.event_type,
        events.source,
        events.occurred_at,
        event_types_split.window_seconds,
        instr(event_types_split.sources, '|' || events.source || '|') as source_rank
    from events
    inner join event_types_split on events.event_type = event_types_split.event_type
    where instr(event_types_split.sources, '|' || events.source || '|') > 0

),

-- Who was seen by one source only has nothing twice.
leads_seen_twice as (

    select
        lead_id,
        event_type
    from events_ranked
    group by lead_id, event_type
    having count(distinct source_rank) > 1

),

candidates as (

    select events_ranked.*
    from events_ranked
    inner join leads_seen_twice
        on events_ranked.lead_id = leads_seen_twice.lead_id
        and events_ranked.event_type = leads_seen_twice.event_type

),

pairs_ranked as (

    select
        yielding.lead_id,
        yielding.event_hash,
        yielding.event_key,
        yielding.source,
        standing.event_key as standing_event_key,
        standing.source as standing_source,
        row_number() over (partition by yielding.event_key order by standing.source_rank, standing.occurred_at, standing.event_key) as pair_rank
    from candidates as yielding
    inner join candidates as standing
        on yielding.lead_id = standing.lead_id
        and yielding.event_type = standing.event_type
        and yielding.source_rank > standing.source_rank
    where {{ lead_scoring.seconds_between('standing.occurred_at', 'yielding.occurred_at') }} between -yielding.window_seconds and yielding.window_seconds

),

final as (

    select
        lead_id,
        event_hash,
        event_key,
        source,
        standing_event_key,
        standing_source
    from pairs_ranked
    where pair_rank = 1

)

select * from final
