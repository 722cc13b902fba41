-- Grain: scored date. The dates on which every lead is scored: today, the two the trend looks back to, and the one the performance reports start from.
-- Everything that scores depends on this model and this model on the fault list, so that a faulty seed stops the build before any score changes.
with offsets as (

    select 0 as days_before
    union
    select 7 as days_before
    union
    select 30 as days_before
    union
    select {{ var('outcome_window_days') }} as days_before

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
