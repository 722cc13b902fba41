-- The law: the segment is what its reason says. By score: the band with the largest lower bound that the integer score reaches; by a shortcut: the
-- segment that the rule names; by an exclusion: `excluded`, and only then. The reason names a rule of the score model.
with scores as (

    select * from {{ ref('fct_lead_scores') }}

),

bounds as (

    select
        scores.lead_id,
        scores.score_model,
        max(segments.lower_bound) as lower_bound
    from scores
    inner join {{ ref('stg_config__segments') }} as segments
        on scores.score_model = segments.score_model
        and scores.score >= segments.lower_bound
    group by scores.lead_id, scores.score_model

),

bands as (

    select
        scores.lead_id,
        scores.score_model,
        segments.segment
    from scores
    left join bounds
        on scores.lead_id = bounds.lead_id
        and scores.score_model = bounds.score_model
    inner join {{ ref('stg_config__segments') }} as segments
        on scores.score_model = segments.score_model
        and coalesce(segments.lower_bound, -1000000000) = coalesce(bounds.lower_bound, -1000000000)

),

rules as (

    select
        score_model,
        rule_id,
        kind,
        target_segment
    from {{ ref('stg_config__point_grid') }}
    where kind in ('shortcut', 'exclude')

)

select
    scores.lead_id,
    scores.score_model,
    scores.score,
    scores.segment,
    scores.segment_reason
from scores
left join bands
    on scores.lead_id = bands.lead_id
    and scores.score_model = bands.score_model
left join rules
    on scores.score_model = rules.score_model
    and scores.segment_reason = rules.kind || ':' || rules.rule_id
where (scores.is_excluded and not (scores.segment = 'excluded' and coalesce(rules.kind, '') = 'exclude'))
    or (
        not scores.is_excluded
        and scores.segment_reason = 'score'
        and scores.segment <> coalesce(bands.segment, '')
    )
    or (
        not scores.is_excluded
        and scores.segment_reason <> 'score'
        and not (coalesce(rules.kind, '') = 'shortcut' and scores.segment = coalesce(rules.target_segment, ''))
    )
