-- Grain: score model, band. Whether the bands kept their promise: the scores of outcome_window_days ago against what was won since.
{{ config(materialized='view') }}

with scores as (

    select * from {{ ref('int_lead_scores') }}
    where days_before = {{ var('outcome_window_days') }}

),

leads_backtested as (

    select * from {{ ref('int_leads_backtested') }}

),

leads_banded as (

    select
        scores.score_model,
        scores.band,
        leads_backtested.is_won,
        leads_backtested.is_lost,
        leads_backtested.amount,
        leads_backtested.days_to_win,
        row_number() over (
            partition by scores.score_model, scores.band
            order by leads_backtested.days_to_win nulls last, scores.lead_id
        ) as win_rank,
        count(leads_backtested.days_to_win) over (partition by scores.score_model, scores.band) as win_count
    from scores
    inner join leads_backtested on scores.lead_id = leads_backtested.lead_id

),

bands as (

    select
        score_model,
        band,
        count(*) as leads,
        sum(case when is_won then 1 else 0 end) as conversions,
        sum(case when is_lost then 1 else 0 end) as losses,
        sum(amount) as amount,
        sum(case when win_rank * 2 in (win_count, win_count + 1, win_count + 2) then days_to_win * case when win_rank * 2 = win_count + 1 then 2 else 1 end end) as doubled_median_days
    from leads_banded
    group by score_model, band

),

totals as (

    select
        score_model,
        sum(leads) as leads,
        sum(conversions) as conversions
    from bands
    group by score_model

),

final as (

    select
        bands.score_model,
        bands.band,
        {{ lead_scoring.days_after(lead_scoring.as_of_date(), -var('outcome_window_days')) }} as scored_on,
        cast(bands.leads as bigint) as leads,
        cast(bands.conversions as bigint) as conversions,
        cast(bands.losses as bigint) as losses,
        cast(bands.leads - bands.conversions - bands.losses as bigint) as open_leads,
        cast({{ lead_scoring.divided('bands.conversions', 'greatest(bands.leads, 1)') }} as decimal(18, 6)) as conversion_rate,
        {{ lead_scoring.wilson_bound('bands.conversions', 'bands.leads', '-') }} as conversion_rate_low,
        {{ lead_scoring.wilson_bound('bands.conversions', 'bands.leads', '+') }} as conversion_rate_high,
        bands.leads >= {{ var('lead_scoring_least_leads_for_a_rate') }} as has_enough_leads,
        -- The band's conversion rate over that of everybody.
        cast({{ lead_scoring.divided(
            'cast(bands.conversions * totals.leads as decimal(18, 0))', 'greatest(cast(bands.leads * totals.conversions as decimal(18, 0)), 1)'
        ) }} as decimal(18, 6)) as lift,
        cast(coalesce(bands.amount, 0) as decimal(18, 4)) as amount,
        cast({{ lead_scoring.divided('bands.doubled_median_days', '2') }} as decimal(18, 1)) as median_days_to_win
    from bands
    inner join totals on bands.score_model = totals.score_model

)

select * from final
