-- Grain: lead, score model, stint in a segment that it held, as it was published. Whoever is gone is in none.
{{ config(materialized='view') }}

with stints as (

    select * from {{ ref('int_stints') }}
    where score_model not like 'audience:%'

),

final as (

    select
        lead_id,
        score_model,
        held_segment as segment,
        entered_on,
        left_on,
        held_reason as reason
    from stints

)

select * from final
