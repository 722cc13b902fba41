-- Do better segments buy more, and is that sure? Bands whose intervals overlap may be the same.
-- Nobody who had bought before is counted, and who is still open may yet buy: the rates are of the window, not for good.
select
    performance.score_model,
    segments.label as segment,
    performance.scored_on,
    performance.leads,
    performance.conversions,
    performance.conversion_rate,
    performance.conversion_rate_low,
    performance.conversion_rate_high,
    performance.lift,
    performance.median_days_to_win
from {{ ref('rpt_model_performance') }} as performance
inner join {{ ref('dim_segments') }} as segments
    on performance.score_model = segments.score_model
    and performance.band = segments.segment
order by performance.score_model, segments.rank desc
