-- Grain: guard, source. What the guards look at in the rows that a source delivered up to the as_of_date: how many, how fresh, how many unusable.
-- The last day is the last 24 hours before the source's newest row, so that a run early in the morning compares like with like.
with source_rows as (

    select * from {{ ref('rpt_source_rows') }}

),

sources_loaded as (

    select
        source,
        max(loaded_at) as newest_loaded_at
    from {{ ref('int_events_classified') }}
    where loaded_at < cast({{ lead_scoring.days_after(lead_scoring.as_of_date(), 1) }} as timestamp)
    group by source

),

-- The event rows are named twice, and not in a step of their own (docs/performance.md, "What is spilled").
loads as (

    select
        event_rows.source,
        cast(event_rows.loaded_at as date) as loaded_on,
        cast(sources_loaded.newest_loaded_at as date) as newest_loaded_on,
        event_rows.loaded_at > sources_loaded.newest_loaded_at - interval '1' day as is_of_last_day,
        count(*) as row_count,
        sum(case when event_rows.rejection_reason is not null then 1 else 0 end) as rows_quarantined
    from {{ ref('int_events_classified') }} as event_rows
    inner join sources_loaded on event_rows.source = sources_loaded.source
    where event_rows.loaded_at <= sources_loaded.newest_loaded_at
    group by
        event_rows.source,
        cast(event_rows.loaded_at as date),
        cast(sources_loaded.newest_loaded_at as date),
        event_rows.loaded_at > sources_loaded.newest_loaded_at - interval '1' day

),

rows_counted as (

    select
        source,
        max({{ lead_scoring.days_between('newest_loaded_on', lead_scoring.as_of_date()) }}) as days_without_rows,
        sum(row_count) as row_count,
        sum(rows_quarantined) as rows_quarantined
    from loads
    where is_of_last_day
    group by source

),

days_before as (

    select
        source,
        loaded_on,
        sum(row_count) as row_count
    from loads
    where {{ lead_scoring.days_between('loaded_on', 'newest_loaded_on') }} between 1 and {{ var('lead_scoring_guard_days') }}
    group by source, loaded_on

),

-- The middle day: one on which years were loaded at once says nothing of the others, nor does one without a load. Few days say nothing at all.
middle_days as (

    select
        source,
        cast(median(row_count) as decimal(18, 1)) as row_count
    from days_before
    group by source
    having count(*) >= {{ var('lead_scoring_guard_least_days') }}

),

rows_accounted as (

    select
        source,
        sum(row_count) as row_count,
        sum(case when outcome = 'quarantined' then row_count else 0 end) as rows_quarantined
    from source_rows
    group by source

),

final as (

    select 'rows_of_a_day' as guard, rows_counted.source as subject, {{ lead_scoring.ratio('rows_counted.row_count', 'middle_days.row_count') }} as figure
    from rows_counted
    inner join middle_days on rows_counted.source = middle_days.source
    union all
    select 'share_quarantined_of_a_day' as guard, source as subject, {{ lead_scoring.ratio('rows_quarantined', 'row_count') }} as figure
    from rows_counted
    union all
    select 'days_without_rows' as guard, source as subject, days_without_rows as figure
    from rows_counted
    union all
    select 'share_quarantined' as guard, source as subject, {{ lead_scoring.ratio('rows_quarantined', 'row_count') }} as figure
    from rows_accounted

)

select * from final
