-- Grain: lead, event rule, scored date, date with matches. What the rule's occurrences of a day are still worth, before the rule's own cap.
{{ config(materialized='view') }}

with event_rule_days as (

    select * from {{ ref('int_event_rule_days') }}

),

scaled_points as (

    select * from {{ ref('int_scaled_points') }}

),

final as (

    select
        event_rule_days.lead_id,
        event_rule_days.score_model,
        event_rule_days.rule_id,
        event_rule_days.rule_number,
        event_rule_days.subscore,
        event_rule_days.is_additive,
        event_rule_days.scored_on,
        event_rule_days.occurred_on,
        event_rule_days.occurrences,
        case
            when scaled_points.points is null and event_rule_days.occurrences = 1 then event_rule_days.points_of_one
            -- Wide on purpose: DuckDB keeps a product of narrow decimals within 18 digits and fails beyond.
            else cast(
                cast(
                    coalesce(scaled_points.points, event_rule_days.points) * cast(event_rule_days.occurrences as decimal(20, 0)) as decimal(24, 6)
                ) * event_rule_days.factor as decimal(18, 6)
            )
        end as points
    from event_rule_days
    left join scaled_points
        on event_rule_days.score_model = scaled_points.score_model
        and event_rule_days.scored_on = scaled_points.scored_on
        and event_rule_days.rule_id = scaled_points.rule_id

)

select * from final
