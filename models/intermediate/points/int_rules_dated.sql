-- Grain: event or frequency rule, scored date, day on or before it. How a rule looks at what happened on a day: how old it is, and what one occurrence is worth.
-- One join with it leads from the state to the scored dates.
{{ config(materialized='view') }}

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
        scored_dates.scored_on,
        {{ lead_scoring.days_after('scored_dates.scored_on', '-occurrence_points.age') }} as occurred_on,
        occurrence_points.age,
        occurrence_points.factor,
        occurrence_points.points as points_of_one
    from occurrence_points
    inner join rules
        on occurrence_points.score_model = rules.score_model
        and occurrence_points.rule_id = rules.rule_id
    inner join score_models on rules.score_model = score_models.score_model
    cross join scored_dates
    -- On a date ahead nothing is newer than today.
    where occurrence_points.age >= -scored_dates.days_before

)

select * from final
