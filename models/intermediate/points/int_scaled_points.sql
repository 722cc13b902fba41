-- Grain: score model that scales its points, scored date, event rule that is worth something to anybody then. What an occurrence is worth there:
-- the lightest and the heaviest of these rules span the range that the score model states.
with event_rule_days as (

    select * from {{ ref('int_event_rule_days') }}
    where is_scaled
        and factor > 0

),

score_models as (

    select * from {{ ref('stg_config__score_models') }}

),

rules_counting as (

    select distinct
        score_models.score_model,
        event_rule_days.scored_on,
        event_rule_days.rule_id,
        event_rule_days.points,
        score_models.scaled_points_min,
        score_models.scaled_points_max
    from event_rule_days
    inner join score_models on event_rule_days.score_model = score_models.score_model

),

points_ranged as (

    select
        score_model,
        scored_on,
        rule_id,
        -- Wide on purpose: DuckDB keeps a product of narrow decimals within 18 digits and fails beyond.
        cast(scaled_points_min as decimal(20, 4)) as scaled_points_min,
        cast(scaled_points_max - scaled_points_min as decimal(20, 4)) as scaled_range,
        points - min(points) over (partition by score_model, scored_on) as points_above_lightest,
        max(points) over (partition by score_model, scored_on) - min(points) over (partition by score_model, scored_on) as points_range
    from rules_counting

),

final as (

    select
        score_model,
        scored_on,
        rule_id,
        cast(
            scaled_points_min
            -- Where all weigh the same there is no line to lie on: each is the heaviest.
            + coalesce({{ lead_scoring.divided('scaled_range * points_above_lightest', 'nullif(points_range, 0)') }}, scaled_range)
            as decimal(18, 6)
        ) as points
    from points_ranged

)

select * from final
