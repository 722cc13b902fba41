-- Grain: lead, score model, stint in a segment. As far back as the scored dates of this run reach; a stint begins on the first of them on which it is seen.
{{ config(materialized='view') }}

with scores as (

    select * from {{ ref('int_lead_scores') }}

),

changes_marked as (

    select
        lead_id,
        score_model,
        scored_on,
        segment,
        segment_reason,
        lag(segment) over (partition by lead_id, score_model order by scored_on) as previous_segment
    from scores

),

stints as (

    select
        lead_id,
        score_model,
        segment,
        segment_reason,
        scored_on as entered_on,
        lead(scored_on) over (partition by lead_id, score_model order by scored_on) as left_on
    from changes_marked
    where previous_segment is null or previous_segment <> segment

),

final as (

    select
        lead_id,
        score_model,
        segment,
        entered_on,
        left_on,
        segment_reason as reason
    from stints

)

select * from final
