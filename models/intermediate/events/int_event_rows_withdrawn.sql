-- Grain: event row that the state holds and that is read again or gone: its file was changed or taken away, its source is read as a whole, or the person it names
-- has to be forgotten. Kept by its ids until what was made of it is made anew. The first of the state models: from here on there is no whole state until the run ends.
{{ config(tags=['state'], pre_hook="{{ lead_scoring.begin_state() }}") }}

with scored_dates as (

    select * from {{ ref('int_scored_dates') }}

),

aliases_changed as (

    select * from {{ ref('int_aliases_changed') }}
    where is_erased <> was_erased

),

{% if lead_scoring.is_day_run() -%}
-- The rows are named twice, and not in a step of their own (docs/performance.md, "What is spilled").
final as (

    select event_hash, alias_id, anonymous_id
    from {{ lead_scoring.as_left('int_events_classified') }}
    where ({{ lead_scoring.is_read_again() }})
        and exists (select 1 from scored_dates)
    union all
    select event_rows.event_hash, event_rows.alias_id, event_rows.anonymous_id
    from {{ lead_scoring.as_left('int_events_classified') }} as event_rows
    inner join aliases_changed on event_rows.alias_id = aliases_changed.alias_id
    where not ({{ lead_scoring.is_read_again() }})

)
{%- else -%}
final as (

    select
        cast(null as bigint) as event_hash,
        cast(null as string) as alias_id,
        cast(null as string) as anonymous_id
    from scored_dates
    inner join aliases_changed on 1 = 0

)
{%- endif %}

select * from final
