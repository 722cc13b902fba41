-- Which rules are in nobody's ledger today? A rule that never fires is a mistake in its condition, or a wish.
-- A season's rule may rest: leads_fired says whether it fired when the reports began.
select
    score_model,
    rule_id,
    label,
    kind,
    subscore,
    points,
    leads_fired
from {{ ref('rpt_rule_performance') }}
where leads_now = 0
order by score_model, rule_id
