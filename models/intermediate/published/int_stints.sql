-- Grain: lead, score model or audience, stint in which it held one segment, as it was published. Whoever is gone holds none.
{{ config(materialized='view') }}

with daily_standings as (

    select * from {{ ref('int_daily_standings_published') }}

),

compared as (

    select
        *,
        lag(is_gone) over (partition by lead_id, score_model order by published_on) as was_gone,
        lag(held_segment) over (partition by lead_id, score_model order by published_on) as previous_segment
    from daily_standings

),

changes as (

    select
        *,
        lead(published_on) over (partition by lead_id, score_model order by published_on) as next_change_on
    from compared
    where was_gone is null
        or was_gone <> is_gone
        or previous_segment <> held_segment

),

final as (

    select
        lead_id,
        score_model,
        held_segment,
        published_on as entered_on,
        next_change_on as left_on,
        held_reason
    from changes
    where not is_gone

)

select * from final
