-- Grain: condition, value it holds for. Operators are carried out once per distinct value.
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
        {{ lead_scoring.operator_holds('field_values', 'condition_operands') }} as holds
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
