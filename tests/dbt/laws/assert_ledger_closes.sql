-- The law: the entries of a lead and score model sum to its score, to the last digit. A score without a ledger is 0.
with ledger as (

    select
        lead_id,
        score_model,
        sum(points) as points
    from {{ ref('fct_lead_score_contributions') }}
    group by lead_id, score_model

),

scores as (

    select
        lead_id,
        score_model,
        score_exact
    from {{ ref('fct_lead_scores') }}

)

select
    scores.lead_id,
    ledger.lead_id as ledger_lead_id,
    scores.score_exact,
    ledger.points
from scores
full outer join ledger
    on scores.lead_id = ledger.lead_id
    and scores.score_model = ledger.score_model
where scores.lead_id is null
    or scores.score_exact <> coalesce(ledger.points, 0)
