-- Grain: matcher, condition.
with rules as (

    select * from {{ ref('int_rules') }}

),

rule_conditions as (

    select * from {{ ref('int_rule_conditions') }}

),

final as (

    select distinct
        rules.match_id,
        rules.scope,
        rules.condition_count,
        rule_conditions.condition_id,
        rule_conditions.field,
        rule_conditions.data_type
    from rules
    inner join rule_conditions
        on rules.score_model = rule_conditions.score_model
        and rules.rule_id = rule_conditions.rule_id

)

select * from final
