-- Grain: lead, scored date, matcher of traits that it meets.
with trait_values as (

    select * from {{ ref('int_lead_trait_values') }}

),

scored_dates as (

    select * from {{ ref('int_scored_dates') }}

),

condition_hits as (

    select * from {{ ref('int_condition_hits') }}
    where scope = 'trait'

),

matcher_conditions as (

    select * from {{ ref('int_matcher_conditions') }}
    where scope = 'trait'

),

-- How many of a matcher's conditions a value meets: all that look at one trait are settled here, before any lead is looked at.
value_matches as (

    select
        condition_hits.field,
        condition_hits.value_id,
        matcher_conditions.match_id,
        matcher_conditions.condition_count,
        count(*) as conditions_met
    from condition_hits
    inner join matcher_conditions on condition_hits.condition_id = matcher_conditions.condition_id
    group by condition_hits.field, condition_hits.value_id, matcher_conditions.match_id, matcher_conditions.condition_count

),

values_met as (

    select
        trait_values.lead_id,
        trait_values.held_from_on,
        trait_values.held_until_on,
        value_matches.match_id,
        value_matches.condition_count,
        value_matches.conditions_met
    from trait_values
    inner join value_matches
        on trait_values.field = value_matches.field
        and trait_values.value_id = value_matches.value_id

),

final as (

    select
        values_met.lead_id,
        scored_dates.scored_on,
        values_met.match_id
    from values_met
    inner join scored_dates
        on values_met.held_from_on <= scored_dates.scored_on
        and values_met.held_until_on >= scored_dates.scored_on
    where values_met.conditions_met = values_met.condition_count
    union all
    select
        values_met.lead_id,
        scored_dates.scored_on,
        values_met.match_id
    from values_met
    inner join scored_dates
        on values_met.held_from_on <= scored_dates.scored_on
        and values_met.held_until_on >= scored_dates.scored_on
    where values_met.conditions_met < values_met.condition_count
    group by values_met.lead_id, scored_dates.scored_on, values_met.match_id, values_met.condition_count
    having sum(values_met.conditions_met) = values_met.condition_count

)

select * from final
