-- Grain: event type that a rule with a condition looks for. Which fields of such an event the rules look at: the rest of it need not be carried.
{% set fields = lead_scoring.matchable_event_fields() %}

with matcher_event_types as (

    select * from {{ ref('int_matcher_event_types') }}

),

matcher_conditions as (

    select * from {{ ref('int_matcher_conditions') }}

),

condition_operands as (

    select * from {{ ref('int_condition_operands') }}

),

fields_named as (

    select distinct
        matcher_event_types.event_type,
        matcher_conditions.field,
        condition_operands.operand_number
    from matcher_event_types
    inner join matcher_conditions on matcher_event_types.match_id = matcher_conditions.match_id
    inner join condition_operands on matcher_conditions.condition_id = condition_operands.condition_id

),

fields_listed as (

    select
        event_type,
        {%- for field, data_type in fields.items() %}
        max(case when field = '{{ field }}' then 1 else 0 end) = 1 as uses_{{ field }},
        {%- if data_type == 'double' %}
        {{ lead_scoring.sorted_array("operand_number", "field = '" ~ field ~ "' and operand_number is not null") }} as {{ field }}_thresholds,
        {%- endif %}
        {%- endfor %}
        {{ lead_scoring.sorted_array("substring(field, 12)", "field like 'properties.%'") }} as property_keys
    from fields_named
    group by event_type

),

final as (

    select
        fields_listed.*,
        md5({{ lead_scoring.row_text('fields_listed') }}) as fields_id
    from fields_listed

)

select * from final
