-- Grain: lead that ordered by then, scored date. What its orders say about its rhythm; sums of whole days, so that the cycle is exact.
with events as (

    select * from {{ ref('int_events_counted') }}
    where event_type = 'order_completed'
        and occurred_on <= {{ lead_scoring.as_of_date() }}

),

scored_dates as (

    select * from {{ ref('int_scored_dates') }}

),

order_dates as (

    select distinct
        lead_id,
        occurred_on as ordered_on
    from events

),

gaps_measured as (

    select
        lead_id,
        ordered_on,
        {{ lead_scoring.days_between('lag(ordered_on) over (partition by lead_id order by ordered_on)', 'ordered_on') }} as gap_days
    from order_dates

),

orders_dated as (

    select
        gaps_measured.lead_id,
        scored_dates.scored_on,
        gaps_measured.ordered_on,
        gaps_measured.gap_days,
        row_number() over (
            partition by gaps_measured.lead_id, scored_dates.scored_on
            order by gaps_measured.gap_days nulls last, gaps_measured.ordered_on
        ) as gap_rank,
        count(gaps_measured.gap_days) over (partition by gaps_measured.lead_id, scored_dates.scored_on) as gap_count,
        extract(month from gaps_measured.ordered_on) = extract(month from scored_dates.scored_on)
        and extract(year from gaps_measured.ordered_on) < extract(year from scored_dates.scored_on) as is_in_season
    from gaps_measured
    inner join scored_dates on gaps_measured.ordered_on <= scored_dates.scored_on

),

final as (

    select
        lead_id,
        scored_on,
        count(*) as order_date_count,
        min(ordered_on) as first_order_on,
        max(ordered_on) as last_order_on,
        -- The middle gap twice, or the two middle ones: the median without a half.
        sum(case when gap_rank * 2 in (gap_count, gap_count + 1, gap_count + 2) then gap_days * case when gap_rank * 2 = gap_count + 1 then 2 else 1 end end) as doubled_median_gap,
        sum(gap_days) as gap_sum,
        sum(gap_days * gap_days) as gap_square_sum,
        count(gap_days) as gap_count,
        count(distinct case when is_in_season then extract(year from ordered_on) end) as earlier_years_in_season
    from orders_dated
    group by lead_id, scored_on

)

select * from final
