-- Grain: lead, event rule, scored date, date with matches. How many occurrences the rule counts of a day, and how much of each is left.
{{ config(materialized='view') }}

with own_clock_matches as (

    select * from {{ ref('int_counted_matches') }}
    where kind = 'event'
        and coalesce(decay_from, '') <> 'last_activity'

),

idle_clock_matches as (

    select * from {{ ref('int_counted_matches') }}
    where kind = 'event'
        and decay_from = 'last_activity'

),

lead_days as (

    select * from {{ ref('int_lead_days') }}

),

occurrence_points as (

    select * from {{ ref('int_occurrence_points') }}

),

-- The idle clock: all events are as old as the last engagement, so that a new visit brings the old points back.
idle_ages_set as (

    select
        idle_clock_matches.*,
        coalesce({{ lead_scoring.days_between('lead_days.last_activity_on', 'lead_days.scored_on') }}, idle_clock_matches.age) as idle_age
    from idle_clock_matches
    inner join lead_days
        on idle_clock_matches.lead_id = lead_days.lead_id
        and idle_clock_matches.scored_on = lead_days.scored_on

),

days_valued as (

    select
        lead_id, score_model, rule_id, rule_number, subscore, is_additive, is_scaled, scored_on, occurred_on, occurrences, max_per_day, points, factor,
        points_of_one
    from own_clock_matches
    union all
    select
        idle_ages_set.lead_id,
        idle_ages_set.score_model,
        idle_ages_set.rule_id,
        idle_ages_set.rule_number,
        idle_ages_set.subscore,
        idle_ages_set.is_additive,
        idle_ages_set.is_scaled,
        idle_ages_set.scored_on,
        idle_ages_set.occurred_on,
        idle_ages_set.occurrences,
        idle_ages_set.max_per_day,
        idle_ages_set.points,
        coalesce(occurrence_points.factor, cast(1 as decimal(13, 12))) as factor,
        coalesce(occurrence_points.points, cast(idle_ages_set.points as decimal(18, 6))) as points_of_one
    from idle_ages_set
    left join occurrence_points
        on idle_ages_set.score_model = occurrence_points.score_model
        and idle_ages_set.rule_id = occurrence_points.rule_id
        and idle_ages_set.idle_age = occurrence_points.age

),

final as (

    select
        lead_id,
        score_model,
        rule_id,
        rule_number,
        subscore,
        is_additive,
        is_scaled,
        scored_on,
        occurred_on,
        least(occurrences, coalesce(max_per_day, occurrences)) as occurrences,
        points,
        factor,
        points_of_one
    from days_valued

)

select * from final
