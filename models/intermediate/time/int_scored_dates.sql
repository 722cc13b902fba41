-- Grain: scored date. The dates on which every lead is scored: today, the two the trend looks back to, the one the performance reports start from, and those
-- ahead, on which nothing more has happened (days_before is negative there).
-- Everything that scores depends on this model and this model on the fault list, so that a faulty seed stops the build before any score changes.
-- Where the past is restated, the dates that were named stand in place of all but today.
{% set days_looked_back = var('lead_scoring_restated_days') or [7, 30, var('outcome_window_days')] %}
{% set days_looked_ahead = [] if var('lead_scoring_restated_days') else lead_scoring.outlook_days() %}

with offsets as (

    select 0 as days_before
    {%- for days in days_looked_back %}
    union
    select {{ days }} as days_before
    {%- endfor %}
    {%- for days in days_looked_ahead %}
    union
    select -{{ days }} as days_before
    {%- endfor %}

),

dated as (

    select
        offsets.days_before,
        {{ lead_scoring.days_after(lead_scoring.as_of_date(), '-offsets.days_before') }} as scored_on
    from offsets
    where not exists (select 1 from {{ ref('stg_config__faults') }})

),

final as (

    select
        days_before,
        scored_on
    from dated

)

select * from final
