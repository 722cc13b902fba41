-- Grain: lead, score model, scored date. The course of a score under today's grid and with what is known today: on the dates the trend looks back to, today, and on
-- dates ahead on which nothing more has happened. What was published on a date stands in fct_lead_score_history.
{{ config(materialized='view') }}

with scores as (

    select * from {{ ref('int_lead_scores') }}

),

final as (

    select
        lead_id,
        score_model,
        {{ lead_scoring.as_of_date() }} as as_of_date,
        scored_on,
        cast(-days_before as int) as days_ahead,
        score_exact,
        score,
        segment,
        is_excluded
    from scores

)

select * from final
