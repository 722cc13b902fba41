-- Grain: lead that ordered, score model, scored date. The purchase cycle as the score model's parameters see it.
with lead_days as (

    select * from {{ ref('int_lead_days') }}

),

lead_profiles as (

    select * from {{ ref('int_lead_profiles') }}

),

lead_orders as (

    select * from {{ ref('int_lead_orders') }}

),

score_models as (

    select * from {{ ref('stg_config__score_models') }}

),

seasons as (

    select distinct
        {{ lead_scoring.comparable('industry') }} as industry,
        month
    from {{ ref('stg_config__seasons') }}

),

rhythms as (

    select
        lead_days.lead_id,
        lead_days.scored_on,
        case when lead_profiles.cycle_months >= 1 then lead_profiles.cycle_months end as stated_cycle_months,
        lead_profiles.industry,
        lead_orders.order_date_count,
        lead_orders.first_order_on,
        lead_orders.last_order_on,
        lead_orders.doubled_median_gap,
        lead_orders.gap_sum,
        lead_orders.gap_square_sum,
        lead_orders.gap_count,
        lead_orders.earlier_years_in_season,
        (extract(year from lead_days.scored_on) - extract(year from lead_orders.last_order_on)) * 12
        + extract(month from lead_days.scored_on) - extract(month from lead_orders.last_order_on)
        -- A month is complete when the day of month is reached; the last day of a shorter month completes it.
        - case
            when extract(day from lead_days.scored_on) < extract(day from lead_orders.last_order_on)
                and extract(day from {{ lead_scoring.days_after('lead_days.scored_on', 1) }}) > 1
                then 1
            else 0
        end as months_since_order
    from lead_days
    left join lead_profiles
        on lead_days.lead_id = lead_profiles.lead_id
        and lead_days.scored_on >= lead_profiles.held_from_on
        and lead_days.scored_on <= lead_profiles.held_until_on
    inner join lead_orders
        on lead_days.lead_id = lead_orders.lead_id
        and lead_days.scored_on = lead_orders.scored_on

),

cycles_known as (

    select
        rhythms.lead_id,
        score_models.score_model,
        rhythms.scored_on,
        rhythms.order_date_count,
        rhythms.first_order_on,
        rhythms.last_order_on,
        rhythms.months_since_order,
        rhythms.industry,
        rhythms.earlier_years_in_season,
        score_models.cycle_points,
        score_models.season_points,
        score_models.cycle_grace,
        case
            when rhythms.stated_cycle_months is not null then rhythms.stated_cycle_months
            when rhythms.order_date_count < score_models.cycle_min_orders or rhythms.gap_count = 0 then null
            -- Standard deviation / mean > limit, squared and without a division.
            when score_models.cycle_max_cv is not null
                and cast(rhythms.gap_count * rhythms.gap_square_sum - rhythms.gap_sum * rhythms.gap_sum as decimal(22, 0))
                > score_models.cycle_max_cv * score_models.cycle_max_cv * cast(rhythms.gap_sum * rhythms.gap_sum as decimal(22, 0))
                then null
            else greatest(1, cast(cast({{ lead_scoring.divided('coalesce(rhythms.doubled_median_gap, 0)', '60.875') }} as decimal(18, 0)) as int))
        end as cycle_months
    from rhythms
    cross join score_models

),

final as (

    select
        cycles_known.lead_id,
        cycles_known.score_model,
        cycles_known.scored_on,
        cycles_known.order_date_count,
        cycles_known.first_order_on,
        cycles_known.last_order_on,
        cycles_known.cycle_months,
        cast(cycles_known.months_since_order as int) as months_since_order,
        cycles_known.cycle_points,
        cycles_known.season_points,
        coalesce(cycles_known.months_since_order > cycles_known.cycle_months * (1 + cycles_known.cycle_grace), false) as is_lapsed,
        cycles_known.earlier_years_in_season > 1 or seasons.month is not null as is_in_season
    from cycles_known
    left join seasons
        on {{ lead_scoring.comparable('cycles_known.industry') }} = seasons.industry
        and extract(month from cycles_known.scored_on) = seasons.month

)

select * from final
