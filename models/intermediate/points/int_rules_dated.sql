-- Grain: event or frequency rule, day. How a rule looks at what happened on a day, on each scored date: how old it is, and what one occurrence is worth.
-- One join with it leads from the state to all scored dates.
with rules as (

    select * from {{ ref('int_rules') }}

),

score_models as (

    select * from {{ ref('stg_config__score_models') }}

),

scored_dates as (

    select * from {{ ref('int_scored_dates') }}

),

occurrence_points as (

    select * from {{ ref('int_occurrence_points') }}

),

days_dated as (

    select
        occurrence_points.score_model,
        occurrence_points.rule_id,
        {{ lead_scoring.days_after('scored_dates.scored_on', '-occurrence_points.age') }} as occurred_on,
        scored_dates.days_before,
        occurrence_points.age,
        occurrence_points.factor,
        occurrence_points.points
    from occurrence_points
    cross join scored_dates
    -- On a date ahead nothing is newer than today.
    where occurrence_points.age >= -scored_dates.days_before

),

days as (

    select
        score_model,
        rule_id,
        occurred_on,
        {%- for days in lead_scoring.scored_days() %}
        max(case when days_before = {{ days }} then age end) as {{ lead_scoring.dated('age', days) }},
        max(case when days_before = {{ days }} then factor end) as {{ lead_scoring.dated('factor', days) }},
        max(case when days_before = {{ days }} then points end) as {{ lead_scoring.dated('points_of_one', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from days_dated
    group by score_model, rule_id, occurred_on

),

final as (

    select
        rules.match_id,
        rules.score_model,
        rules.rule_id,
        rules.rule_number,
        rules.kind,
        rules.subscore,
        rules.window_days,
        rules.max_per_day,
        rules.points,
        rules.decay_from,
        rules.max_points is null and rules.rule_group is null as is_additive,
        coalesce(score_models.points_scaling = 'min_max', false) as is_scaled,
        days.occurred_on,
        {%- for days in lead_scoring.scored_days() %}
        days.{{ lead_scoring.dated('age', days) }},
        days.{{ lead_scoring.dated('factor', days) }},
        days.{{ lead_scoring.dated('points_of_one', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from days
    inner join rules
        on days.score_model = rules.score_model
        and days.rule_id = rules.rule_id
    inner join score_models on rules.score_model = score_models.score_model

)

select * from final
