-- Grain: lead, event rule that fired, scored date. What the rule's events are still worth, before and after the rule's own cap.
-- A view: to write it for all leads and dates costs more than to compute it for the dates that are asked for.
{{ config(materialized='view') }}

with event_rule_days as (

    select * from {{ ref('int_event_rule_days') }}

),

scaled_points as (

    select * from {{ ref('int_scaled_points') }}

),

rules as (

    select * from {{ ref('int_rules') }}

),

days_decayed as (

    select
        event_rule_days.lead_id,
        event_rule_days.rule_number,
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
        end as points_decayed
    from event_rule_days
    left join scaled_points
        on event_rule_days.score_model = scaled_points.score_model
        and event_rule_days.scored_on = scaled_points.scored_on
        and event_rule_days.rule_id = scaled_points.rule_id

),

-- By the rule's number: two names make groups that do not fit into the processor's cache.
days_summed as (

    select
        lead_id,
        rule_number,
        scored_on,
        cast(sum(occurrences) as bigint) as occurrences,
        min(occurred_on) as first_on,
        max(occurred_on) as last_on,
        cast(sum(points_decayed) as decimal(18, 6)) as points_uncapped
    from days_decayed
    group by lead_id, rule_number, scored_on

),

final as (

    select
        days_summed.lead_id,
        rules.score_model,
        days_summed.scored_on,
        rules.rule_id,
        rules.rule_number,
        days_summed.occurrences,
        days_summed.first_on,
        days_summed.last_on,
        days_summed.points_uncapped,
        {{ lead_scoring.clipped('days_summed.points_uncapped', '-rules.max_points', 'rules.max_points') }} as points
    from days_summed
    inner join rules on days_summed.rule_number = rules.rule_number

)

select * from final
