-- Grain: signature, matcher that it meets: the event type is one of the matcher's and all its conditions hold.
with signatures as (

    select * from {{ ref('int_event_signatures') }}

),

signature_values as (

    select * from {{ ref('int_signature_values') }}

),

condition_hits as (

    select * from {{ ref('int_condition_hits') }}
    where scope = 'event'

),

matcher_event_types as (

    select * from {{ ref('int_matcher_event_types') }}

),

matcher_conditions as (

    select * from {{ ref('int_matcher_conditions') }}

),

conditions_met as (

    select
        signature_values.signature_id,
        condition_hits.condition_id
    from signature_values
    inner join condition_hits
        on signature_values.field = condition_hits.field
        and signature_values.value_id = condition_hits.value_id

),

matchers_met as (

    select
        conditions_met.signature_id,
        matcher_conditions.match_id
    from conditions_met
    inner join matcher_conditions on conditions_met.condition_id = matcher_conditions.condition_id
    group by conditions_met.signature_id, matcher_conditions.match_id, matcher_conditions.condition_count
    having count(*) = matcher_conditions.condition_count

),

final as (

    select
        signatures.signature_id,
        matcher_event_types.match_id
    from signatures
    inner join matcher_event_types on signatures.event_type = matcher_event_types.event_type
    left join matchers_met
        on signatures.signature_id = matchers_met.signature_id
        and matcher_event_types.match_id = matchers_met.match_id
    where matcher_event_types.condition_count = 0
        or matchers_met.match_id is not null

)

select * from final
