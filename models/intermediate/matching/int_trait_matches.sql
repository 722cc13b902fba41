-- Grain: lead, scored date, matcher of traits that it meets.
with trait_values as (

    select * from {{ ref('int_lead_trait_values') }}

),

condition_hits as (

    select * from {{ ref('int_condition_hits') }}
    where scope = 'trait'

),

matcher_conditions as (

    select * from {{ ref('int_matcher_conditions') }}
    where scope = 'trait'

),

final as (

    select
        trait_values.lead_id,
        trait_values.scored_on,
        matcher_conditions.match_id
    from trait_values
    inner join condition_hits
        on trait_values.field = condition_hits.field
        and trait_values.value_id = condition_hits.value_id
    inner join matcher_conditions on condition_hits.condition_id = matcher_conditions.condition_id
    group by trait_values.lead_id, trait_values.scored_on, matcher_conditions.match_id, matcher_conditions.condition_count
    having count(*) = matcher_conditions.condition_count

)

select * from final
