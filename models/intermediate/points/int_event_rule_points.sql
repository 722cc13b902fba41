-- Grain: lead, event rule that fired. What the rule's events are still worth on each scored date, before and after the rule's own cap.
-- A view: to write it for all leads costs more than to compute what is asked for.
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
        is_additive,
        {%- for days in lead_scoring.scored_days() %}
        {%- set points = lead_scoring.dated('points', days) %}
        cast(sum(case when {{ points }} is not null then occurrences end) as bigint) as {{ lead_scoring.dated('occurrences', days) }},
        min(case when {{ points }} is not null then occurred_on end) as {{ lead_scoring.dated('first_on', days) }},
        max(case when {{ points }} is not null then occurred_on end) as {{ lead_scoring.dated('last_on', days) }},
        cast(sum({{ points }}) as decimal(18, 6)) as {{ lead_scoring.dated('points_uncapped', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from event_day_points
    group by lead_id, rule_number, is_additive

),

final as (

    select
        days_summed.lead_id,
        rules.score_model,
        rules.rule_id,
        rules.rule_number,
        days_summed.is_additive,
        {%- for days in lead_scoring.scored_days() %}
        {%- set points_uncapped = 'days_summed.' ~ lead_scoring.dated('points_uncapped', days) %}
        days_summed.{{ lead_scoring.dated('occurrences', days) }},
        days_summed.{{ lead_scoring.dated('first_on', days) }},
        days_summed.{{ lead_scoring.dated('last_on', days) }},
        {{ points_uncapped }},
        case
            when {{ points_uncapped }} is not null
                then {{ lead_scoring.clipped(points_uncapped, '-rules.max_points', 'rules.max_points') }}
        end as {{ lead_scoring.dated('points', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from days_summed
    inner join rules on days_summed.rule_number = rules.rule_number

)

select * from final
