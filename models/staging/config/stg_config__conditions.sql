-- Grain: condition as it is written. Those of the rules' own rows, the further ones, and those of audiences, with whose fields each may speak of.
with rules as (

    select * from {{ ref('stg_config__point_grid') }}

),

further_conditions as (

    select * from {{ ref('stg_config__point_grid_conditions') }}

),

audience_conditions as (

    select * from {{ ref('stg_config__audience_conditions') }}

),

kinds as (

    select * from {{ ref('stg_config__kinds') }}

),

rule_scopes as (

    select
        rules.score_model,
        rules.rule_id,
        min(kinds.scope) as scope
    from rules
    inner join kinds on rules.kind = kinds.kind
    group by rules.score_model, rules.rule_id

),

conditions as (

    select
        file,
        score_model,
        rule_id,
        row_key,
        field,
        operator,
        operand
    from rules
    where field is not null or operator is not null or operand is not null
    union all
    select
        file,
        score_model,
        rule_id,
        row_key,
        field,
        operator,
        operand
    from further_conditions

),

final as (

    select
        conditions.*,
        rule_scopes.scope
    from conditions
    inner join rule_scopes
        on conditions.score_model = rule_scopes.score_model
        and conditions.rule_id = rule_scopes.rule_id
    union all
    select
        file,
        cast(null as string) as score_model,
        cast(null as string) as rule_id,
        row_key,
        field,
        operator,
        operand,
        'audience' as scope
    from audience_conditions

)

select * from final
