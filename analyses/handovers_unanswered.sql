-- Does sales answer what marketing hands over? By segment and owner, over all months that were published.
-- Open ones still have time; any outcome counts as an answer.
select
    score_model,
    segment,
    owner,
    sum(handovers) as handovers,
    sum(done_in_time) as done_in_time,
    sum(done_late) as done_late,
    sum(overdue) as overdue,
    sum(open_handovers) as open_handovers
from {{ ref('rpt_sla') }}
group by score_model, segment, owner
order by sum(overdue) desc, score_model, segment, owner
