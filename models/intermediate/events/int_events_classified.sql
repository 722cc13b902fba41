-- Grain: event row as delivered, of people who were not erased. The first table: what it does not hold, nothing behind it does.
with event_rows as (

    select * from {{ ref('int_events_read') }}

),

final as (

    select
        source,
        event_key,
        {{ lead_scoring.canonical_columns('events').keys() | join(',\n        ') }},
        identified_lead_id,
        is_engagement,
        is_machine,
        rejection_reason,
        raw_table,
        raw_file,
        raw_row,
        -- Kept for the rows that a person has to look at.
        case when rejection_reason is not null then raw_text end as raw_text
    from event_rows
    where not is_erased

)

select * from final
