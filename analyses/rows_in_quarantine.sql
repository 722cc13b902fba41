-- How much of what was delivered could not be used, and why? A reason with a large share of its table is a feed to mend; the rows stand in the schema quarantine.
with tables as (

    select
        source,
        raw_table,
        outcome,
        reason,
        row_count,
        sum(row_count) over (partition by source, raw_table) as rows_of_table
    from {{ ref('rpt_source_rows') }}

)

select
    source,
    raw_table,
    reason,
    row_count,
    rows_of_table,
    cast(100.0 * row_count / rows_of_table as decimal(18, 3)) as percent_of_table
from tables
where outcome = 'quarantined'
    and row_count > 0
order by row_count desc, source, raw_table, reason
