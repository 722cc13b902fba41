-- Grain: lead, score model or audience, date on which something of it was published. Of several publications of a date the last one counts.
{{ config(materialized='view') }}

with entries as (

    select
        *,
        lead(published_on) over (partition by lead_id, score_model order by publication) as next_published_on
    from {{ ref('int_scores_published') }}

),

final as (

    select
        lead_id,
        score_model,
        published_on,
        score,
        grade,
        segment,
        segment_reason,
        trend,
        grid_version,
        coalesce(held_segment, segment) as held_segment,
        coalesce(held_reason, segment_reason) as held_reason,
        entered_on,
        is_gone
    from entries
    where next_published_on is null or next_published_on <> published_on

)

select * from final
