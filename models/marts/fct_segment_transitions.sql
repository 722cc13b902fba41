-- Grain: lead, score model, change of segment; the first segment of a lead is a change from none, and so is its return.
{{ config(materialized='view') }}

with membership as (

    select
        *,
        lag(segment) over (partition by lead_id, score_model order by entered_on) as previous_segment,
        lag(left_on) over (partition by lead_id, score_model order by entered_on) as previous_left_on
    from {{ ref('fct_segment_membership') }}

),

final as (

    select
        lead_id,
        score_model,
        case when previous_left_on = entered_on then previous_segment end as from_segment,
        segment as to_segment,
        entered_on as changed_on
    from membership

)

select * from final
