-- Grain: lead, event or frequency rule, date, scored date. The matches that a rule may count on a scored date: those that no reset has wiped out.
{{ config(materialized='view') }}

with daily_matches as (

    select * from {{ ref('int_daily_matches') }}

),

rules as (

    select * from {{ ref('int_rules') }}
    where kind in ('event', 'frequency')

),

scored_dates as (

    select * from {{ ref('int_scored_dates') }}

),

latest_resets as (

    select * from {{ ref('int_latest_resets') }}

),

matches_dated as (

    select
        daily_matches.lead_id,
        daily_matches.match_id,
        daily_matches.occurred_on,
        daily_matches.occurrences,
        scored_dates.scored_on,
        {{ lead_scoring.days_between('daily_matches.occurred_on', 'scored_dates.scored_on') }} as age
    from daily_matches
    inner join scored_dates on daily_matches.occurred_on <= scored_dates.scored_on

),

final as (

    select
        matches_dated.lead_id,
        rules.score_model,
        rules.rule_id,
        rules.kind,
        rules.window_days,
        rules.max_per_day,
        rules.points,
        rules.decay_id,
        rules.decay_from,
        matches_dated.scored_on,
        matches_dated.occurred_on,
        matches_dated.age,
        matches_dated.occurrences
    from matches_dated
    inner join rules on matches_dated.match_id = rules.match_id
    left join latest_resets
        on matches_dated.lead_id = latest_resets.lead_id
        and rules.score_model = latest_resets.score_model
        and matches_dated.scored_on = latest_resets.scored_on
    where latest_resets.reset_on is null
        or matches_dated.occurred_on > latest_resets.reset_on
        -- Silence wipes out behaviour, not what speaks against a lead.
        or rules.subscore <> 'behaviour'

)

select * from final
