-- Grain: lead, score model, change of segment; the first segment of a lead is a change from none.
{{ config(materialized='view') }}

with membership as (

    select * from {{ ref('fct_segment_membership') }}

),

final as (

    select
        lead_id,
        score_model,
        lag(segment) over (partition by lead_id, score_model order by entered_on) as from_segment,
        segment as to_segment,
        entered_on as changed_on
    from membership

)

select * from final
