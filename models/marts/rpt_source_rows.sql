-- Grain: source, raw table of events, outcome, reason. Where every row went: nothing that was delivered is missing from this table.
with rows_delivered as (

    select source, raw_table, count(*) as row_count
    from ({{ lead_scoring.union_sources('events') }}) as event_rows
    group by source, raw_table

),

event_rows as (

    select * from {{ ref('int_events_classified') }}

),

deliveries_ranked as (

    select * from {{ ref('int_event_deliveries_ranked') }}

),

rejected_lines as (

    select * from {{ ref('int_rejected_lines') }}
    where kind = 'events'

),

rows_kept as (

    select
        event_rows.source,
        event_rows.raw_table,
        case
            when event_rows.is_out_of_scope then 'out_of_scope'
            when event_rows.rejection_reason is not null then 'quarantined'
            when deliveries_ranked.delivery_rank > 1 then 'duplicate'
            when coalesce(event_rows.is_deleted, false) then 'deleted'
            else 'scored'
        end as outcome,
        event_rows.rejection_reason as reason
    from event_rows
    left join deliveries_ranked
        on event_rows.event_key = deliveries_ranked.event_key
        and event_rows.raw_table = deliveries_ranked.raw_table
        and event_rows.raw_file = deliveries_ranked.raw_file
        and event_rows.raw_row = deliveries_ranked.raw_row
        and not event_rows.is_out_of_scope
        and event_rows.rejection_reason is null

),

rows_counted as (

    select source, raw_table, outcome, reason, count(*) as row_count
    from rows_kept
    group by source, raw_table, outcome, reason
    union all
    select source, raw_table, 'quarantined' as outcome, rejection_reason as reason, count(*) as row_count
    from rejected_lines
    group by source, raw_table, rejection_reason

),

-- Nothing is left of erased people but how many rows they had.
rows_erased as (

    select
        rows_delivered.source,
        rows_delivered.raw_table,
        'erased' as outcome,
        cast(null as string) as reason,
        rows_delivered.row_count - coalesce(rows_left.row_count, 0) as row_count
    from rows_delivered
    left join (
        select source, raw_table, count(*) as row_count
        from event_rows
        group by source, raw_table
    ) as rows_left
        on rows_delivered.source = rows_left.source
        and rows_delivered.raw_table = rows_left.raw_table

),

final as (

    select source, raw_table, outcome, reason, cast(row_count as bigint) as row_count
    from rows_counted
    union all
    select source, raw_table, outcome, reason, cast(row_count as bigint) as row_count
    from rows_erased
    where row_count > 0

)

select * from final
