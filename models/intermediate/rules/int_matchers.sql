-- Grain: matcher. What rules look for, without what they give: event types, conditions, active window and count_once_per.
with rules as (

    select * from {{ ref('int_rules') }}

),

final as (

    select distinct
        match_id,
        scope,
        condition_count,
        count_once_per,
        active_from,
        active_to
    from rules

)

select * from final
