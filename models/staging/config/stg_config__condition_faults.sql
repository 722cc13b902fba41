-- Grain: fault. Conditions that cannot hold or would not mean what they say: no operator, one that does not fit the field, an operand that is none.
with conditions as (

    select * from {{ ref('stg_config__conditions') }}

),

operators as (

    select * from {{ ref('stg_config__operators') }}

),

fields as (

    select * from {{ ref('stg_config__fields') }}

),

conditions_typed as (

    select
        conditions.*,
        operators.data_types,
        operators.base_operator,
        operators.needs_operand,
        fields.data_type,
        -- A text that is compared by size is read as a number.
        case when fields.data_type = 'text' and operators.base_operator in ('gt', 'gte', 'lt', 'lte') then 'number' else fields.data_type end as operand_type
    from conditions
    inner join operators on conditions.operator = operators.operator
    inner join fields
        on (conditions.scope = fields.scope or (conditions.scope = 'audience' and fields.scope in ('trait', 'score')))
        and case
            when conditions.field like 'properties.%' then 'properties.<key>'
            when conditions.field like 'days_since_rule.%' then 'days_since_rule.<rule_id>'
            else conditions.field
        end = fields.field

),

conditions_fitting as (

    select * from conditions_typed
    where '|' || data_types || '|' like '%|' || data_type || '|%'

),

operands_split as (

    select
        conditions_fitting.*,
        conditions_fitting.operand as item
    from conditions_fitting
    where conditions_fitting.needs_operand and conditions_fitting.base_operator <> 'in' and conditions_fitting.operand is not null
    union all
    select
        conditions_fitting.*,
        {{ lead_scoring.trimmed(lead_scoring.split_to_rows('conditions_fitting.operand', '|')) }} as item
    from conditions_fitting
    where conditions_fitting.base_operator = 'in' and conditions_fitting.operand is not null

),

operands_judged as (

    select
        file,
        score_model,
        rule_id,
        row_key,
        case
            when item = '' then 'has an empty item between its |'
            when base_operator = 'matches' and not {{ lead_scoring.is_regex("'(?i)' || item") }} then item || ' does not compile as a regular expression'
            when operand_type = 'number' and {{ lead_scoring.text_to_double('item') }} is null then item || ' is no number, as ' || field || ' needs here'
            when
                operand_type = 'date'
                and (not {{ lead_scoring.matches_regex('item', "'^[0-9]{4}-[0-9]{2}-[0-9]{2}$'") }} or {{ lead_scoring.text_to_date('item') }} is null)
                then item || ' is no date of the form YYYY-MM-DD, as ' || field || ' needs'
            when operand_type = 'boolean' and lower(item) not in ('true', 'false') then item || ' is not true or false, as ' || field || ' is'
        end as reason
    from operands_split

),

final as (

    select
        {{ lead_scoring.fault('point_grid', 'field', "'is missing: an operator or operand stands without one'") }}
    from conditions
    where field is null
    union all
    select
        {{ lead_scoring.fault('point_grid', 'operator', "'is missing: ' || field || ' is compared with nothing'") }}
    from conditions
    where field is not null and operator is null
    union all
    select
        {{ lead_scoring.fault('point_grid', 'operator', "operator || ' does not fit ' || field || ', a ' || data_type") }}
    from conditions_typed
    where '|' || data_types || '|' not like '%|' || data_type || '|%'
    union all
    select
        {{ lead_scoring.fault('point_grid', 'operand', "'is missing: ' || operator || ' needs one'") }}
    from conditions_fitting
    where needs_operand and operand is null
    union all
    select
        {{ lead_scoring.fault('point_grid', 'operand', "operator || ' takes none, but ' || operand || ' stands there'") }}
    from conditions_fitting
    where not needs_operand and operand is not null
    union all
    select
        {{ lead_scoring.fault('point_grid', 'operand', "reason") }}
    from operands_judged
    where reason is not null

)

select * from final
