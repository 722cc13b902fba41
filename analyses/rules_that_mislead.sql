-- Which rules give points for what buyers do less than others? Below a lift of 1 a rule with positive points ranks the wrong leads up; above 1 one with negative points
-- ranks buyers down. Rules that fired on few leads say little, and are left out.
-- A lift is no cause: who is written to more opens more.
select
    score_model,
    rule_id,
    label,
    points,
    leads_fired,
    conversion_rate_fired,
    conversion_rate_not_fired,
    lift
from {{ ref('rpt_rule_performance') }}
where has_enough_leads
    and ((points > 0 and lift < 1) or (points < 0 and lift > 1))
order by score_model, lift, rule_id
