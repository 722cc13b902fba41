-- Grain: event. Each event once, as its standing delivery says, without those that were taken back. Visitors nobody has identified yet included.
-- For people who look for an event: models ask for the events that they need by standing_events().
{{ config(materialized='view') }}

with lead_aliases as (

    select * from {{ ref('int_lead_aliases') }}

),

{{ lead_scoring.standing_events() }},

final as (

    select
        standing.*,
        coalesce(lead_aliases.lead_id, standing.alias_id) as identified_lead_id
    from standing
    left join lead_aliases on standing.alias_id = lead_aliases.alias_id

)

select * from final
