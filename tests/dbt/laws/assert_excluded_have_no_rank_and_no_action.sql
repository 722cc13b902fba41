-- The law: whoever is excluded has no rank and nothing is done with them; everybody else has a rank, and the ranks of a score model count without a gap.
with scores as (

    select * from {{ ref('fct_lead_scores') }}

),

next_actions as (

    select * from {{ ref('fct_next_actions') }}

),

rank_counts as (

    select
        score_model,
        count(*) as lead_count,
        count(distinct score_rank) as rank_count,
        min(score_rank) as first_rank,
        max(score_rank) as last_rank
    from scores
    where not is_excluded
    group by score_model

)

select
    lead_id,
    score_model,
    'is excluded and has a rank, or neither' as broken
from scores
where is_excluded = (score_rank is not null)
union all
select
    scores.lead_id,
    scores.score_model,
    'is excluded and has an action' as broken
from scores
inner join next_actions
    on scores.lead_id = next_actions.lead_id
    and scores.score_model = next_actions.score_model
where scores.is_excluded
union all
select
    cast(null as string) as lead_id,
    score_model,
    'ranks have gaps' as broken
from rank_counts
where first_rank <> 1 or last_rank <> lead_count or rank_count <> lead_count
