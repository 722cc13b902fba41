-- Grain: lead, audience, stint in it, as it was published.
{{ config(materialized='view') }}

with stints as (

    select * from {{ ref('int_stints') }}
    where score_model like 'audience:%'

),

final as (

    select
        lead_id,
        held_segment as audience,
        entered_on,
        left_on,
        held_reason as reason
    from stints

)

select * from final
