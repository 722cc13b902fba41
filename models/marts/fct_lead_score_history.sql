-- Grain: lead, score model, stint of equal score, grade and segment. As far back as the scored dates of this run reach.
{{ config(materialized='view') }}

with scores as (

    select * from {{ ref('int_lead_scores') }}

),

published as (

    select * from {{ ref('fct_lead_scores') }}

),

changes_marked as (

    select
        lead_id,
        score_model,
        scored_on,
        score,
        grade,
        segment,
        lag(score) over (partition by lead_id, score_model order by scored_on) as previous_score,
        lag(grade) over (partition by lead_id, score_model order by scored_on) as previous_grade,
        lag(segment) over (partition by lead_id, score_model order by scored_on) as previous_segment
    from scores

),

stints as (

    select
        lead_id,
        score_model,
        scored_on as valid_from,
        lead(scored_on) over (partition by lead_id, score_model order by scored_on) as valid_to,
        score,
        grade,
        segment
    from changes_marked
    where previous_score is null
        or previous_score <> score
        or previous_grade <> grade
        or previous_segment <> segment

),

final as (

    select
        stints.lead_id,
        stints.score_model,
        stints.valid_from,
        stints.valid_to,
        stints.score,
        stints.grade,
        stints.segment,
        -- Only the score of the day has a trend; the earlier ones were not published by this run.
        case when stints.valid_to is null then published.trend end as trend
    from stints
    left join published
        on stints.lead_id = published.lead_id
        and stints.score_model = published.score_model

)

select * from final
