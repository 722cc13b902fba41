-- Grain: score model, rule, condition. The conditions of every rule in one list: the one in its own row and the further ones.
with rules as (

    select * from {{ ref('stg_config__point_grid') }}

),

further_conditions as (

    select * from {{ ref('stg_config__point_grid_conditions') }}

),

fields as (

    select * from {{ ref('stg_config__fields') }}

),

scored_dates as (

    select * from {{ ref('int_scored_dates') }}

),

conditions_listed as (

    select score_model, rule_id, field, operator, operand
    from rules
    where field is not null
    union all
    select score_model, rule_id, field, operator, operand
    from further_conditions

),

conditions_scoped as (

    select
        conditions_listed.score_model,
        conditions_listed.rule_id,
        case when rules.kind in ('attribute', 'exclude') then 'trait' else 'event' end as scope,
        conditions_listed.field as field_name,
        -- Whether a customer has lapsed depends on the score model's own cycle, so the trait exists once for each.
        case
            when rules.kind in ('attribute', 'exclude') and conditions_listed.field = 'is_lapsed'
                then 'is_lapsed:' || conditions_listed.score_model
            else conditions_listed.field
        end as field,
        conditions_listed.operator,
        conditions_listed.operand
    from conditions_listed
    inner join rules
        on conditions_listed.score_model = rules.score_model
        and conditions_listed.rule_id = rules.rule_id
    where exists (select 1 from scored_dates)

),

final as (

    select distinct
        conditions_scoped.score_model,
        conditions_scoped.rule_id,
        md5(
            conditions_scoped.scope || '|' || conditions_scoped.field || '|' || conditions_scoped.operator || '|' || coalesce(conditions_scoped.operand, '')
        ) as condition_id,
        conditions_scoped.scope,
        conditions_scoped.field,
        coalesce(fields.data_type, 'text') as data_type,
        conditions_scoped.operator,
        conditions_scoped.operand
    from conditions_scoped
    left join fields
        on conditions_scoped.scope = fields.scope
        and conditions_scoped.field_name = fields.field

)

select * from final
