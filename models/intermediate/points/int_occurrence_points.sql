-- Grain: event or frequency rule, age in days. What one occurrence is worth after that many days: most days have one, and are looked up instead of computed.
with rules as (

    select * from {{ ref('int_rules') }}
    where kind in ('event', 'frequency')

),

ages as (

    select * from {{ ref('int_ages') }}

),

decay_factors as (

    select * from {{ ref('int_decay_factors') }}

),

factors_set as (

    select
        rules.score_model,
        rules.rule_id,
        rules.points as points_listed,
        ages.age,
        coalesce(decay_factors.factor, cast(1 as decimal(13, 12))) as factor
    from rules
    cross join ages
    left join decay_factors
        on rules.decay_id = decay_factors.decay_id
        and ages.age = decay_factors.age

),

final as (

    select
        score_model,
        rule_id,
        age,
        factor,
        -- Wide on purpose: DuckDB keeps a product of narrow decimals within 18 digits and fails beyond.
        cast(cast(points_listed as decimal(24, 6)) * factor as decimal(18, 6)) as points
    from factors_set

)

select * from final
