-- Grain: lead, event rule that fired, scored date. What the rule's events are still worth, before and after the rule's own cap.
-- A view: to write it for all leads and dates costs more than to compute it for the dates that are asked for.
{{ config(materialized='view') }}

with event_day_points as (

    select * from {{ ref('int_event_day_points') }}

),

rules as (

    select * from {{ ref('int_rules') }}

),

-- By the rule's number: two names make groups that do not fit into the processor's cache.
days_summed as (

    select
        lead_id,
        rule_number,
        scored_on,
        is_additive,
        cast(sum(occurrences) as bigint) as occurrences,
        min(occurred_on) as first_on,
        max(occurred_on) as last_on,
        cast(sum(points) as decimal(18, 6)) as points_uncapped
    from event_day_points
    group by lead_id, rule_number, scored_on, is_additive

),

final as (

    select
        days_summed.lead_id,
        rules.score_model,
        days_summed.scored_on,
        rules.rule_id,
        rules.rule_number,
        days_summed.is_additive,
        days_summed.occurrences,
        days_summed.first_on,
        days_summed.last_on,
        days_summed.points_uncapped,
        {{ lead_scoring.clipped('days_summed.points_uncapped', '-rules.max_points', 'rules.max_points') }} as points
    from days_summed
    inner join rules on days_summed.rule_number = rules.rule_number

)

select * from final
