-- Grain: lead, score model, stint of equal score, grade and segment. What was published, as it was published: nothing here changes when rules do.
{{ config(materialized='view') }}

with daily_scores as (

    select * from {{ ref('int_daily_scores_published') }}

),

compared as (

    select
        *,
        lag(is_gone) over (partition by lead_id, score_model order by published_on) as was_gone,
        lag(score) over (partition by lead_id, score_model order by published_on) as previous_score,
        lag(grade) over (partition by lead_id, score_model order by published_on) as previous_grade,
        lag(segment) over (partition by lead_id, score_model order by published_on) as previous_segment
    from daily_scores

),

-- A correction within a date can lead back to what was published before it: then nothing has changed.
changes as (

    select
        *,
        lead(published_on) over (partition by lead_id, score_model order by published_on) as next_change_on
    from compared
    where was_gone is null
        or was_gone <> is_gone
        or previous_score <> score
        or previous_grade <> grade
        or previous_segment <> segment

),

final as (

    select
        lead_id,
        score_model,
        published_on as valid_from,
        next_change_on as valid_to,
        score,
        grade,
        segment,
        trend,
        grid_version
    from changes
    where not is_gone

)

select * from final
