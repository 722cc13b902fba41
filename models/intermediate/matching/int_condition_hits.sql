-- Grain: condition, value it holds for. The only place where an operator is carried out: once per distinct value.
with field_values as (

    select * from {{ ref('int_field_values') }}

),

condition_operands as (

    select * from {{ ref('int_condition_operands') }}

),

compared as (

    select
        condition_operands.condition_id,
        condition_operands.is_negated,
        field_values.scope,
        field_values.field,
        field_values.value_id,
        field_values.value_text,
        case condition_operands.base_operator
            when 'is_null' then field_values.value_text is null
            when 'eq' then
                case
                    when condition_operands.data_type = 'number' then field_values.value_number = condition_operands.operand_number
                    when condition_operands.data_type = 'date' then field_values.value_date = condition_operands.operand_date
                    else field_values.comparable_text = condition_operands.operand_text
                end
            when 'starts_with' then
                substring(field_values.comparable_text, 1, length(condition_operands.operand_text)) = condition_operands.operand_text
            when 'ends_with' then
                right(field_values.comparable_text, length(condition_operands.operand_text)) = condition_operands.operand_text
            when 'contains' then instr(field_values.comparable_text, condition_operands.operand_text) > 0
            when 'matches' then {{ lead_scoring.matches_regex(lead_scoring.trimmed('field_values.value_text'), 'condition_operands.operand_pattern') }}
            when 'gt' then
                case
                    when condition_operands.data_type = 'date' then field_values.value_date > condition_operands.operand_date
                    else field_values.value_number > condition_operands.operand_number
                end
            when 'gte' then
                case
                    when condition_operands.data_type = 'date' then field_values.value_date >= condition_operands.operand_date
                    else field_values.value_number >= condition_operands.operand_number
                end
            when 'lt' then
                case
                    when condition_operands.data_type = 'date' then field_values.value_date < condition_operands.operand_date
                    else field_values.value_number < condition_operands.operand_number
                end
            when 'lte' then
                case
                    when condition_operands.data_type = 'date' then field_values.value_date <= condition_operands.operand_date
                    else field_values.value_number <= condition_operands.operand_number
                end
        end as holds
    from field_values
    inner join condition_operands
        on field_values.scope = condition_operands.scope
        and field_values.field = condition_operands.field

),

operands_combined as (

    select
        condition_id,
        scope,
        field,
        value_id,
        is_negated,
        max(case when holds then 1 else 0 end) = 1 as any_operand_holds,
        max(case when value_text is not null then 1 else 0 end) = 1 as has_value
    from compared
    group by condition_id, scope, field, value_id, is_negated

),

final as (

    select
        condition_id,
        scope,
        field,
        value_id
    from operands_combined
    where case when is_negated then has_value and not any_operand_holds else any_operand_holds end

)

select * from final
