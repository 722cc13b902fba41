-- The law: of every source and raw table, as many rows went somewhere as were delivered; no row is lost and none is counted twice, those of people we forgot included.
with rows_delivered as (

    select
        source,
        raw_table
    from ({{ lead_scoring.union_sources('events') }}) as event_rows
    union all
    select
        source,
        raw_table
    from {{ ref('int_rejected_lines') }}
    where kind = 'events'

),

delivered as (

    select
        source,
        raw_table,
        count(*) as row_count
    from rows_delivered
    group by source, raw_table

),

accounted as (

    select
        source,
        raw_table,
        sum(row_count) as row_count
    from {{ ref('rpt_source_rows') }}
    group by source, raw_table

)

select
    delivered.source,
    delivered.raw_table,
    delivered.row_count as rows_delivered,
    accounted.source as source_accounted,
    accounted.raw_table as raw_table_accounted,
    accounted.row_count as rows_accounted
from delivered
full outer join accounted
    on delivered.source = accounted.source
    and delivered.raw_table = accounted.raw_table
where coalesce(delivered.row_count, 0) <> coalesce(accounted.row_count, 0)
