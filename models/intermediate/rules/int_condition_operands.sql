-- Grain: condition, operand. What each distinct condition compares with; a list of operands has a row each, so that every operator compares one value with one.
with rule_conditions as (

    select * from {{ ref('int_rule_conditions') }}

),

operators as (

    select * from {{ ref('stg_config__operators') }}

),

conditions as (

    select distinct
        rule_conditions.condition_id,
        rule_conditions.scope,
        rule_conditions.field,
        rule_conditions.data_type,
        rule_conditions.operator,
        operators.base_operator,
        operators.is_negated,
        rule_conditions.operand
    from rule_conditions
    inner join operators on rule_conditions.operator = operators.operator

),

operands_split as (

    select
        conditions.*,
        operand as operand_item
    from conditions
    where base_operator <> 'in'
    union all
    select
        conditions.*,
        {{ lead_scoring.split_to_rows('operand', '|') }} as operand_item
    from conditions
    where base_operator = 'in'

),

final as (

    select
        condition_id,
        scope,
        field,
        data_type,
        case when base_operator = 'in' then 'eq' else base_operator end as base_operator,
        is_negated,
        {{ lead_scoring.comparable('operand_item') }} as operand_text,
        {{ lead_scoring.text_to_double(lead_scoring.trimmed('operand_item')) }} as operand_number,
        {{ lead_scoring.text_to_date(lead_scoring.trimmed('operand_item')) }} as operand_date,
        case when base_operator = 'matches' then '(?i)' || operand_item end as operand_pattern
    from operands_split

)

select * from final
