-- Grain: score model, rule, condition. The conditions of every rule in one list: the one in its own row and the further ones. An audience's stand there too, as those of a
-- rule of its name in the score model `audience:`; no rule of the grid is called so.
with rules as (

    select * from {{ ref('stg_config__point_grid') }}

),

further_conditions as (

    select * from {{ ref('stg_config__point_grid_conditions') }}

),

audiences as (

    select * from {{ ref('stg_config__audiences') }}

),

audience_conditions as (

    select * from {{ ref('stg_config__audience_conditions') }}

),

default_score_models as (

    select score_model from {{ ref('stg_config__score_models') }}
    where is_default

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
    union all
    select
        'audience:' as score_model,
        audience_conditions.audience as rule_id,
        case when fields.scope = 'trait' then 'trait' else 'score' end as scope,
        audience_conditions.field as field_name,
        case
            when audience_conditions.field = 'is_lapsed' then 'is_lapsed:' || coalesce(audiences.score_model, default_score_models.score_model)
            else audience_conditions.field
        end as field,
        audience_conditions.operator,
        audience_conditions.operand
    from audience_conditions
    inner join audiences on audience_conditions.audience = audiences.audience
    left join fields on audience_conditions.field = fields.field and fields.scope = 'trait'
    left join default_score_models on true
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
        and case when conditions_scoped.field_name like 'days_since_rule.%' then 'days_since_rule.<rule_id>' else conditions_scoped.field_name end = fields.field

)

select * from final
