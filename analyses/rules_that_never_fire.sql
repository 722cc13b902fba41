-- Which rules give nobody a point today? A rule that never fires is a mistake in its condition, or a wish.
select
    rules.score_model,
    rules.rule_id,
    rules.label,
    rules.kind,
    rules.event_type,
    rules.points
from {{ ref('int_rules') }} as rules
left join {{ ref('fct_lead_score_contributions') }} as contributions
    on rules.score_model = contributions.score_model
    and rules.rule_id = contributions.rule_id
where rules.points is not null
    and contributions.rule_id is null
order by rules.score_model, rules.rule_id
