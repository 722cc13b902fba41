-- Grain: source, raw table of events, outcome, reason. Where every row went: nothing that was delivered is missing from this table.
with cross_source_duplicates as (

    select * from {{ ref('int_cross_source_duplicates') }}

),

identifications as (

    select identifications.*
    from {{ ref('int_anonymous_identifications') }} as identifications
    inner join {{ ref('int_erased_leads') }} as erased_leads on identifications.lead_id = erased_leads.lead_id

),

-- Only the rows of events that do not count after all are looked at one by one: there are few.
{{ lead_scoring.standing_events(
    '(alias_id is null and anonymous_id in (select anonymous_id from identifications) or event_hash in (select event_hash from cross_source_duplicates) or is_deleted)'
) }},

rejected_lines as (

    select * from {{ ref('int_rejected_lines') }}
    where kind = 'events'

),

rows_classified as (

    select source, raw_table, is_erased, is_out_of_scope, rejection_reason, count(*) as row_count
    from {{ ref('int_events_classified') }}
    group by source, raw_table, is_erased, is_out_of_scope, rejection_reason

),

rows_kept as (

    select
        source,
        raw_table,
        case
            when is_out_of_scope then 'out_of_scope'
            when rejection_reason is not null then 'quarantined'
            else 'delivered'
        end as outcome,
        rejection_reason as reason,
        row_count
    from rows_classified
    where not is_erased

),

-- Visits of erased people, recognised by the browser.
visits_erased as (

    select standing.source, standing.raw_table, 'erased' as outcome, count(*) as row_count
    from standing
    inner join identifications
        on standing.anonymous_id = identifications.anonymous_id
        and (identifications.identified_from is null or standing.occurred_at >= identifications.identified_from)
        and (identifications.identified_until is null or standing.occurred_at < identifications.identified_until)
    where standing.alias_id is null
    group by standing.source, standing.raw_table

),

-- Of the rows delivered: those another delivery stands for, and those that took their event back.
rows_dropped as (

    select source, raw_table, 'duplicate' as outcome, count(*) as row_count
    from deliveries_ranked
    where delivery_rank > 1
    group by source, raw_table
    union all
    select source, raw_table, 'deleted' as outcome, count(*) as row_count
    from deliveries_ranked
    where delivery_rank = 1 and is_deleted
    group by source, raw_table
    union all
    select event_rows.source, event_rows.raw_table, 'deleted' as outcome, count(*) as row_count
    from event_rows
    where event_rows.is_deleted
        and not exists (select 1 from deliveries_ranked where deliveries_ranked.event_key = event_rows.event_key)
    group by event_rows.source, event_rows.raw_table

),

-- What another source reported too.
rows_reported_twice as (

    select
        standing.source,
        standing.raw_table,
        'duplicate' as outcome,
        'reported_by_' || cross_source_duplicates.standing_source as reason,
        count(*) as row_count
    from standing
    inner join cross_source_duplicates on standing.event_key = cross_source_duplicates.event_key
    group by standing.source, standing.raw_table, cross_source_duplicates.standing_source

),

rows_counted as (

    select source, raw_table, outcome, reason, row_count
    from rows_kept
    where outcome <> 'delivered'
    union all
    select source, raw_table, outcome, cast(null as string) as reason, sum(row_count) as row_count
    from rows_dropped
    group by source, raw_table, outcome
    union all
    select source, raw_table, outcome, reason, row_count
    from rows_reported_twice
    union all
    select source, raw_table, 'scored' as outcome, cast(null as string) as reason, sum(row_count) as row_count
    from (
        select source, raw_table, row_count from rows_kept where outcome = 'delivered'
        union all
        select source, raw_table, -row_count as row_count from rows_dropped
        union all
        select source, raw_table, -row_count as row_count from visits_erased
        union all
        select source, raw_table, -row_count as row_count from rows_reported_twice
    ) as rows_standing
    group by source, raw_table
    union all
    select source, raw_table, 'quarantined' as outcome, rejection_reason as reason, count(*) as row_count
    from rejected_lines
    group by source, raw_table, rejection_reason

),

-- Nothing is left of erased people but how many rows they had.
rows_erased as (

    select source, raw_table, 'erased' as outcome, cast(null as string) as reason, row_count
    from rows_classified
    where is_erased

),

final as (

    select source, raw_table, outcome, reason, cast(sum(row_count) as bigint) as row_count
    from (
        select source, raw_table, outcome, reason, row_count from rows_counted
        union all
        select source, raw_table, outcome, reason, row_count from rows_erased
        union all
        select source, raw_table, outcome, cast(null as string) as reason, row_count from visits_erased
    ) as rows_united
    group by source, raw_table, outcome, reason
    having sum(row_count) > 0

)

select * from final
