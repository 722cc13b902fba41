-- The law: nothing that happens after a scored date counts on it, and a rule speaks of at least one occurrence between its first and its last day.
select
    lead_id,
    score_model,
    scored_on,
    entry_id,
    first_on,
    last_on
from {{ ref('int_contributions') }}
where last_on > scored_on
    or first_on > last_on
    or (first_on is null) <> (last_on is null)
