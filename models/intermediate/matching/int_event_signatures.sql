-- Grain: signature. One event stands for all that have it.
with events_signed as (

    select * from {{ ref('int_events_signed') }}

),

final as (

    select
        signature_id,
        min(event_type) as event_type,
        min(event_key) as example_event_key,
        count(*) as event_count
    from events_signed
    group by signature_id

)

select * from final
