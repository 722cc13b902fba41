-- Grain: audience, lead that meets all of its conditions on the as_of_date.
with audiences as (

    select
        audiences.audience,
        coalesce(audiences.score_model, default_score_models.score_model) as score_model
    from {{ ref('stg_config__audiences') }} as audiences
    left join {{ ref('stg_config__score_models') }} as default_score_models on default_score_models.is_default

),

audience_conditions as (

    select
        rule_id as audience,
        condition_id,
        scope,
        field
    from {{ ref('int_rule_conditions') }}
    where score_model = 'audience:'

),

condition_operands as (

    select * from {{ ref('int_condition_operands') }}
    where scope = 'score'

),

condition_hits as (

    select * from {{ ref('int_condition_hits') }}
    where scope = 'trait'

),

trait_values as (

    select * from {{ ref('int_lead_trait_values') }}
    where held_from_on <= {{ lead_scoring.as_of_date() }}
        and held_until_on >= {{ lead_scoring.as_of_date() }}

),

score_values as (

    select * from {{ ref('int_audience_values') }}

),

conditions_counted as (

    select
        audience,
        count(*) as condition_count
    from audience_conditions
    group by audience

),

trait_conditions_met as (

    select
        audience_conditions.audience,
        trait_values.lead_id,
        audience_conditions.condition_id
    from audience_conditions
    inner join condition_hits on audience_conditions.condition_id = condition_hits.condition_id
    inner join trait_values
        on condition_hits.field = trait_values.field
        and condition_hits.value_id = trait_values.value_id

),

score_conditions_compared as (

    select
        audiences.audience,
        score_values.lead_id,
        condition_operands.condition_id,
        condition_operands.is_negated,
        score_values.value_text is not null as has_value,
        {{ lead_scoring.operator_holds('score_values', 'condition_operands') }} as holds
    from audiences
    inner join audience_conditions on audiences.audience = audience_conditions.audience
    inner join condition_operands on audience_conditions.condition_id = condition_operands.condition_id
    inner join score_values
        on audiences.score_model = score_values.score_model
        and condition_operands.field = score_values.field

),

score_conditions_met as (

    select
        audience,
        lead_id,
        condition_id
    from score_conditions_compared
    group by audience, lead_id, condition_id, is_negated, has_value
    having case when is_negated then has_value and not max(coalesce(holds, false)) else max(coalesce(holds, false)) end

),

conditions_met as (

    select audience, lead_id, condition_id from trait_conditions_met
    union all
    select audience, lead_id, condition_id from score_conditions_met

),

final as (

    select
        conditions_met.audience,
        conditions_met.lead_id
    from conditions_met
    inner join conditions_counted on conditions_met.audience = conditions_counted.audience
    group by conditions_met.audience, conditions_met.lead_id, conditions_counted.condition_count
    having count(*) = conditions_counted.condition_count

)

select * from final
