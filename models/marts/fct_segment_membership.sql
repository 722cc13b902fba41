-- Grain: lead, score model, stint in a segment, as it was published. Whoever is gone is in none.
{{ config(materialized='view') }}

with daily_scores as (

    select * from {{ ref('int_daily_scores_published') }}

),

compared as (

    select
        *,
        lag(is_gone) over (partition by lead_id, score_model order by published_on) as was_gone,
        lag(segment) over (partition by lead_id, score_model order by published_on) as previous_segment
    from daily_scores

),

changes as (

    select
        *,
        lead(published_on) over (partition by lead_id, score_model order by published_on) as next_change_on
    from compared
    where was_gone is null
        or was_gone <> is_gone
        or previous_segment <> segment

),

final as (

    select
        lead_id,
        score_model,
        segment,
        published_on as entered_on,
        next_change_on as left_on,
        segment_reason as reason
    from changes
    where not is_gone

)

select * from final
