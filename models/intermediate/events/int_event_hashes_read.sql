-- Grain: hash of an event of which a row came, changed or went since the run before. Empty when everything is made anew.
with rows_withdrawn as (

    select * from {{ ref('int_event_rows_withdrawn') }}

),

aliases_changed as (

    select * from {{ ref('int_aliases_changed') }}
    where is_erased <> was_erased

),

-- The rows are named twice, and not in a step of their own (docs/performance.md, "What is spilled").
final as (

    select event_hash
    from rows_withdrawn
    union
    select event_hash
    from {{ ref('int_events_classified') }}
    where {{ lead_scoring.is_read_again() if lead_scoring.is_day_run() else '1 = 0' }}
    union
    select event_rows.event_hash
    from {{ ref('int_events_classified') }} as event_rows
    inner join aliases_changed on event_rows.alias_id = aliases_changed.alias_id

)

select * from final
