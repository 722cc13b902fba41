-- Grain: lead that was open on the date the performance reports start from. Whether it was won or lost within the window after that date.
with lead_days as (

    select * from {{ ref('int_lead_days') }}
    where days_before = {{ var('outcome_window_days') }}

),

outcomes as (

    select * from {{ ref('int_outcomes_resolved') }}

),

outcomes_dated as (

    select
        lead_days.lead_id,
        lead_days.scored_on,
        min(case when outcomes.outcome = 'won' and outcomes.occurred_on <= lead_days.scored_on then 1 end) as was_won_before,
        min(case
            when outcomes.outcome = 'won'
                and outcomes.occurred_on > lead_days.scored_on
                and outcomes.occurred_on <= {{ lead_scoring.as_of_date() }}
                then outcomes.occurred_on
        end) as won_on,
        min(case
            when outcomes.outcome = 'lost'
                and outcomes.occurred_on > lead_days.scored_on
                and outcomes.occurred_on <= {{ lead_scoring.as_of_date() }}
                then outcomes.occurred_on
        end) as lost_on,
        sum(case
            when outcomes.outcome = 'won'
                and outcomes.occurred_on > lead_days.scored_on
                and outcomes.occurred_on <= {{ lead_scoring.as_of_date() }}
                then outcomes.amount
        end) as amount
    from lead_days
    left join outcomes on lead_days.lead_id = outcomes.lead_id
    group by lead_days.lead_id, lead_days.scored_on

),

final as (

    select
        lead_id,
        scored_on,
        won_on,
        won_on is not null as is_won,
        won_on is null and lost_on is not null as is_lost,
        amount,
        {{ lead_scoring.days_between('scored_on', 'won_on') }} as days_to_win
    from outcomes_dated
    where was_won_before is null

)

select * from final
