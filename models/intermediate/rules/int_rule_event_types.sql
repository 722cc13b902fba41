-- Grain: score model, rule, event type. The event types that a rule looks for.
with rules as (

    select * from {{ ref('stg_config__point_grid') }}
    where event_type is not null

),

scored_dates as (

    select * from {{ ref('int_scored_dates') }}

),

split as (

    select
        score_model,
        rule_id,
        {{ lead_scoring.split_to_rows('event_type', '|') }} as event_type
    from rules

),

final as (

    select distinct
        score_model,
        rule_id,
        {{ lead_scoring.comparable('event_type') }} as event_type
    from split
    where exists (select 1 from scored_dates)

)

select * from final
