-- Grain: event row that could not be used. The row as it came and why; personal data, never published.
{{ config(alias="events") }}

with event_rows as (

    select * from {{ ref('int_events_classified') }}
    where rejection_reason is not null and not is_erased

),

rejected_lines as (

    select * from {{ ref('int_rejected_lines') }}
    where kind = 'events'

),

final as (

    select source, raw_table, raw_file, raw_row, raw_text, rejection_reason as reason, loaded_at
    from event_rows
    union all
    select source, raw_table, raw_file, raw_row, raw_text, rejection_reason as reason, cast(null as timestamp) as loaded_at
    from rejected_lines

)

select * from final
