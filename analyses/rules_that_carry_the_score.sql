-- On how few rules does the ranking stand? The share of all points given that each rule gives, and the running share: where three rules give most, three mistakes do.
-- Points are counted before groups and bounds take some of them back.
with given as (

    select
        score_model,
        rule_id,
        label,
        leads_now,
        points_now
    from {{ ref('rpt_rule_performance') }}
    where points_now > 0

),

shared as (

    select
        *,
        sum(points_now) over (partition by score_model) as points_of_all,
        sum(points_now) over (partition by score_model order by points_now desc, rule_id rows unbounded preceding) as points_so_far
    from given

)

select
    score_model,
    rule_id,
    label,
    leads_now,
    points_now,
    cast(100 * points_now / points_of_all as decimal(18, 1)) as percent_of_points,
    cast(100 * points_so_far / points_of_all as decimal(18, 1)) as percent_so_far
from shared
order by score_model, points_now desc, rule_id
