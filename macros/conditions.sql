{# Whether an operator holds between a value (data_type, value_text, comparable_text, value_number, value_date) and an operand of int_condition_operands, before
   it is negated. The only place where an operator is carried out. #}
{% macro operator_holds(values, operands) -%}
    case {{ operands }}.base_operator
        when 'is_null' then {{ values }}.value_text is null
        when 'eq' then
            case
                when {{ operands }}.data_type = 'number' then {{ values }}.value_number = {{ operands }}.operand_number
                when {{ operands }}.data_type = 'date' then {{ values }}.value_date = {{ operands }}.operand_date
                else {{ values }}.comparable_text = {{ operands }}.operand_text
            end
        when 'starts_with' then
            substring({{ values }}.comparable_text, 1, length({{ operands }}.operand_text)) = {{ operands }}.operand_text
        when 'ends_with' then
            right({{ values }}.comparable_text, length({{ operands }}.operand_text)) = {{ operands }}.operand_text
        when 'contains' then instr({{ values }}.comparable_text, {{ operands }}.operand_text) > 0
        when 'matches' then {{ lead_scoring.matches_regex(lead_scoring.trimmed(values ~ '.value_text'), operands ~ '.operand_pattern') }}
        when 'gt' then
            case
                when {{ operands }}.data_type = 'date' then {{ values }}.value_date > {{ operands }}.operand_date
                else {{ values }}.value_number > {{ operands }}.operand_number
            end
        when 'gte' then
            case
                when {{ operands }}.data_type = 'date' then {{ values }}.value_date >= {{ operands }}.operand_date
                else {{ values }}.value_number >= {{ operands }}.operand_number
            end
        when 'lt' then
            case
                when {{ operands }}.data_type = 'date' then {{ values }}.value_date < {{ operands }}.operand_date
                else {{ values }}.value_number < {{ operands }}.operand_number
            end
        when 'lte' then
            case
                when {{ operands }}.data_type = 'date' then {{ values }}.value_date <= {{ operands }}.operand_date
                else {{ values }}.value_number <= {{ operands }}.operand_number
            end
    end
{%- endmacro %}
