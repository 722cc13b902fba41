-- Grain: guard, source. What the guards look at in the rows that a source delivered up to the as_of_date: how many, how fresh, how many unusable.
-- The last day is the last 24 hours before the source's newest row, so that a run early in the morning compares like with like.
with event_rows as (

    select
        source,
        loaded_at,
        case when rejection_reason is not null then 1 else 0 end as is_quarantined
    from {{ ref('int_events_classified') }}
    where loaded_at < cast({{ lead_scoring.days_after(lead_scoring.as_of_date(), 1) }} as timestamp)

),

source_rows as (

    select * from {{ ref('rpt_source_rows') }}

),

sources_loaded as (

    select
        source,
        max(loaded_at) as newest_loaded_at
    from event_rows
    group by source

),

rows_counted as (

    select
        event_rows.source,
        max({{ lead_scoring.days_between('cast(sources_loaded.newest_loaded_at as date)', lead_scoring.as_of_date()) }}) as days_without_rows,
        sum(case when event_rows.loaded_at > sources_loaded.newest_loaded_at - interval '1' day then 1 else 0 end) as rows_of_the_day,
        sum(case when event_rows.loaded_at > sources_loaded.newest_loaded_at - interval '1' day then event_rows.is_quarantined else 0 end) as rows_of_the_day_quarantined,
        sum(
            case
                when event_rows.loaded_at <= sources_loaded.newest_loaded_at - interval '1' day
                    and event_rows.loaded_at > sources_loaded.newest_loaded_at - interval '1' day - interval '{{ var("lead_scoring_guard_days") }}' day
                    then 1
                else 0
            end
        ) as rows_before
    from event_rows
    inner join sources_loaded on event_rows.source = sources_loaded.source
    group by event_rows.source

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

    -- Without a past there is nothing to compare a day with.
    select 'rows_of_a_day' as guard, source as subject, {{ lead_scoring.ratio('(rows_of_the_day * ' ~ var('lead_scoring_guard_days') ~ ')', 'rows_before') }} as figure
    from rows_counted
    where rows_before > 0
    union all
    select 'share_quarantined_of_a_day' as guard, source as subject, {{ lead_scoring.ratio('rows_of_the_day_quarantined', 'rows_of_the_day') }} as figure
    from rows_counted
    union all
    select 'days_without_rows' as guard, source as subject, days_without_rows as figure
    from rows_counted
    union all
    select 'share_quarantined' as guard, source as subject, {{ lead_scoring.ratio('rows_quarantined', 'row_count') }} as figure
    from rows_accounted

)

select
    guard,
    subject,
    cast(figure as decimal(18, 6)) as figure
from final
