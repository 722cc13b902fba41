-- Grain: score model that scales its points, event rule of it that matched. What an occurrence is worth on each scored date; null on those on which nobody has anything
-- of it. The lightest and the heaviest of these rules span the range that the score model states.
with event_rule_days as (

    select * from {{ ref('int_event_rule_days') }}
    where is_scaled

),

score_models as (

    select * from {{ ref('stg_config__score_models') }}

),

rules_counting as (

    select
        score_model,
        rule_id,
        {%- for days in lead_scoring.scored_days() %}
        max(case when {{ lead_scoring.dated('factor', days) }} > 0 then points end) as {{ lead_scoring.dated('points', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from event_rule_days
    group by score_model, rule_id

),

points_ranged as (

    select
        rules_counting.score_model,
        rules_counting.rule_id,
        -- Wide on purpose: DuckDB keeps a product of narrow decimals within 18 digits and fails beyond.
        cast(score_models.scaled_points_min as decimal(20, 4)) as scaled_points_min,
        cast(score_models.scaled_points_max - score_models.scaled_points_min as decimal(20, 4)) as scaled_range,
        {%- for days in lead_scoring.scored_days() %}
        {%- set points = 'rules_counting.' ~ lead_scoring.dated('points', days) %}
        {{ points }} is not null as {{ lead_scoring.dated('is_counting', days) }},
        {{ points }} - min({{ points }}) over (partition by rules_counting.score_model) as {{ lead_scoring.dated('points_above_lightest', days) }},
        max({{ points }}) over (partition by rules_counting.score_model)
        - min({{ points }}) over (partition by rules_counting.score_model) as {{ lead_scoring.dated('points_range', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from rules_counting
    inner join score_models on rules_counting.score_model = score_models.score_model

),

final as (

    select
        score_model,
        rule_id,
        {%- for days in lead_scoring.scored_days() %}
        case
            when {{ lead_scoring.dated('is_counting', days) }}
                then cast(
                    scaled_points_min
                    -- Where all weigh the same there is no line to lie on: each is the heaviest.
                    + coalesce({{ lead_scoring.divided(
                        'scaled_range * ' ~ lead_scoring.dated('points_above_lightest', days), 'nullif(' ~ lead_scoring.dated('points_range', days) ~ ', 0)'
                    ) }}, scaled_range)
                    as decimal(18, 6)
                )
        end as {{ lead_scoring.dated('points', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from points_ranged

)

select * from final
