-- Grain: lead, audience, date on which it entered or left.
{{ config(materialized='view') }}

with membership as (

    select * from {{ ref('fct_audience_membership') }}

),

final as (

    select
        lead_id,
        audience,
        'entered' as change,
        entered_on as changed_on
    from membership
    union all
    select
        lead_id,
        audience,
        'left' as change,
        left_on as changed_on
    from membership
    where left_on is not null

)

select * from final
