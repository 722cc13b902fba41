-- Grain: lead, event rule, date with matches. What the rule's occurrences of a day are still worth on each scored date, before the rule's own cap.
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
        event_rule_days.occurred_on,
        event_rule_days.occurrences,
        {%- for days in lead_scoring.scored_days() %}
        case
            when scaled_points.{{ lead_scoring.dated('points', days) }} is null and event_rule_days.occurrences = 1
                then event_rule_days.{{ lead_scoring.dated('points_of_one', days) }}
            -- Wide on purpose: DuckDB keeps a product of narrow decimals within 18 digits and fails beyond.
            else cast(
                cast(
                    coalesce(scaled_points.{{ lead_scoring.dated('points', days) }}, event_rule_days.points)
                    * cast(event_rule_days.occurrences as decimal(20, 0)) as decimal(24, 6)
                ) * event_rule_days.{{ lead_scoring.dated('factor', days) }} as decimal(18, 6)
            )
        end as {{ lead_scoring.dated('points', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from event_rule_days
    left join scaled_points
        on event_rule_days.score_model = scaled_points.score_model
        and event_rule_days.rule_id = scaled_points.rule_id

)

select * from final
