-- Grain: matcher, event type.
with rules as (

    select * from {{ ref('int_rules') }}

),

rule_event_types as (

    select * from {{ ref('int_rule_event_types') }}

),

final as (

    select distinct
        rules.match_id,
        rules.condition_count,
        rule_event_types.event_type
    from rules
    inner join rule_event_types
        on rules.score_model = rule_event_types.score_model
        and rules.rule_id = rule_event_types.rule_id

)

select * from final
