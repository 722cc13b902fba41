-- Grain: lead, score model, date on which something of it was published.
{{ config(materialized='view') }}

with daily_standings as (

    select * from {{ ref('int_daily_standings_published') }}

),

final as (

    select * from daily_standings
    where score_model not like 'audience:%'

)

select * from final
