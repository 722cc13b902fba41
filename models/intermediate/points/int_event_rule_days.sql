-- Grain: lead, event rule, date with matches. How many occurrences the rule counts of a day, and how much of each is left on each scored date; null where the day does not count.
{{ config(materialized='view') }}

with own_clock_matches as (

    select * from {{ ref('int_counted_matches') }}
    where kind = 'event'
        and coalesce(decay_from, '') <> 'last_activity'

),

idle_clock_matches as (

    select * from {{ ref('int_counted_matches') }}
    where kind = 'event'
        and decay_from = 'last_activity'

),

idle_clock_rules as (

    select * from {{ ref('int_rules') }}
    where decay_from = 'last_activity'

),

lead_days as (

    select * from {{ ref('int_lead_days') }}

),

idle_clock_points as (

    select occurrence_points.*
    from {{ ref('int_occurrence_points') }} as occurrence_points
    inner join idle_clock_rules
        on occurrence_points.score_model = idle_clock_rules.score_model
        and occurrence_points.rule_id = idle_clock_rules.rule_id

),

last_activities as (

    select
        lead_id,
        {%- for days in lead_scoring.scored_days() %}
        max(case when days_before = {{ days }} then last_activity_on end) as {{ lead_scoring.dated('last_activity_on', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from lead_days
    where exists (select 1 from idle_clock_rules)
    group by lead_id

),

-- The idle clock: all events are as old as the last engagement, so that a new visit brings the old points back.
idle_ages_set as (

    select
        idle_clock_matches.*,
        {%- for days in lead_scoring.scored_days() %}
        coalesce(
            {{ lead_scoring.days_between('last_activities.' ~ lead_scoring.dated('last_activity_on', days), lead_scoring.scored_date(days)) }},
            idle_clock_matches.{{ lead_scoring.dated('age', days) }}
        ) as {{ lead_scoring.dated('idle_age', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from idle_clock_matches
    inner join last_activities on idle_clock_matches.lead_id = last_activities.lead_id

),

days_valued as (

    select
        lead_id, score_model, rule_id, rule_number, subscore, is_additive, is_scaled, occurred_on, occurrences, max_per_day, points,
        {%- for days in lead_scoring.scored_days() %}
        {{ lead_scoring.dated('factor', days) }},
        {{ lead_scoring.dated('points_of_one', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from own_clock_matches
    union all
    select
        idle_ages_set.lead_id,
        idle_ages_set.score_model,
        idle_ages_set.rule_id,
        idle_ages_set.rule_number,
        idle_ages_set.subscore,
        idle_ages_set.is_additive,
        idle_ages_set.is_scaled,
        idle_ages_set.occurred_on,
        idle_ages_set.occurrences,
        idle_ages_set.max_per_day,
        idle_ages_set.points,
        {%- for days in lead_scoring.scored_days() %}
        {%- set clock = lead_scoring.dated('clock', days) %}
        case
            when idle_ages_set.{{ lead_scoring.dated('age', days) }} is not null then coalesce({{ clock }}.factor, cast(1 as decimal(13, 12)))
        end as {{ lead_scoring.dated('factor', days) }},
        case
            when idle_ages_set.{{ lead_scoring.dated('age', days) }} is not null then coalesce({{ clock }}.points, cast(idle_ages_set.points as decimal(18, 6)))
        end as {{ lead_scoring.dated('points_of_one', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from idle_ages_set
    {%- for days in lead_scoring.scored_days() %}
    {%- set clock = lead_scoring.dated('clock', days) %}
    left join idle_clock_points as {{ clock }}
        on idle_ages_set.score_model = {{ clock }}.score_model
        and idle_ages_set.rule_id = {{ clock }}.rule_id
        and idle_ages_set.{{ lead_scoring.dated('idle_age', days) }} = {{ clock }}.age
    {%- endfor %}

),

final as (

    select
        lead_id,
        score_model,
        rule_id,
        rule_number,
        subscore,
        is_additive,
        is_scaled,
        occurred_on,
        least(occurrences, coalesce(max_per_day, occurrences)) as occurrences,
        points,
        {%- for days in lead_scoring.scored_days() %}
        {{ lead_scoring.dated('factor', days) }},
        {{ lead_scoring.dated('points_of_one', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from days_valued

)

select * from final
