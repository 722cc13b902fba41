-- Grain: lead, score model, entry of the score, date with matches. What a score is made of, cut so that each part ages by itself: an event rule that decays has its
-- points without decay and the age of each of its days; what does not decay stands as it is.
with leads as (

    select * from {{ ref('int_cooling_leads') }}

),

rules as (

    select * from {{ ref('int_rules') }}

),

scaled_points as (

    select * from {{ ref('int_scaled_points') }}

),

event_rule_days as (

    select * from {{ ref('int_event_rule_days') }}
    where {{ lead_scoring.dated('factor', 0) }} is not null

),

other_contributions as (

    select * from {{ ref('int_other_contributions') }}
    where scored_on = {{ lead_scoring.as_of_date() }}

),

lead_days as (

    select * from {{ ref('int_lead_days') }}
    where days_before = 0

),

events_cut as (

    select
        event_rule_days.lead_id,
        event_rule_days.score_model,
        'rule:' || event_rule_days.rule_id as entry_id,
        cast(event_rule_days.occurred_on as date) as occurred_on,
        rules.subscore,
        rules.rule_group,
        rules.max_points,
        rules.decay_id,
        case
            when rules.decay_from = 'last_activity'
                then coalesce(
                    {{ lead_scoring.days_between('lead_days.last_activity_on', lead_scoring.as_of_date()) }},
                    {{ lead_scoring.days_between('event_rule_days.occurred_on', lead_scoring.as_of_date()) }}
                )
            else {{ lead_scoring.days_between('event_rule_days.occurred_on', lead_scoring.as_of_date()) }}
        end as age,
        cast(coalesce(scaled_points.{{ lead_scoring.dated('points', 0) }}, event_rule_days.points) * cast(event_rule_days.occurrences as decimal(20, 0)) as decimal(18, 6)) as points
    from event_rule_days
    inner join leads
        on event_rule_days.lead_id = leads.lead_id
        and event_rule_days.score_model = leads.score_model
    inner join rules on event_rule_days.rule_number = rules.rule_number
    inner join lead_days on event_rule_days.lead_id = lead_days.lead_id
    left join scaled_points
        on event_rule_days.score_model = scaled_points.score_model
        and event_rule_days.rule_id = scaled_points.rule_id

),

final as (

    select * from events_cut
    union all
    select
        other_contributions.lead_id,
        other_contributions.score_model,
        other_contributions.entry_type || ':' || other_contributions.entry_id as entry_id,
        cast(null as date) as occurred_on,
        other_contributions.subscore,
        other_contributions.rule_group,
        cast(null as decimal(10, 4)) as max_points,
        cast(null as string) as decay_id,
        cast(null as int) as age,
        other_contributions.points
    from other_contributions
    inner join leads
        on other_contributions.lead_id = leads.lead_id
        and other_contributions.score_model = leads.score_model

)

select * from final
