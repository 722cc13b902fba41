-- Grain: lead, event or frequency rule, date, scored date. The matches that a rule may count on a scored date: those that no reset has wiped out.
{{ config(materialized='view') }}

with daily_matches as (

    select * from {{ ref('int_daily_matches') }}
    {%- if not var('lead_scoring_score_without_consent') %}
    -- The state holds everybody; nothing counts of whom nobody may score.
    where lead_id in (select lead_id from {{ ref('int_leads') }})
    {%- endif %}

),

rules_dated as (

    select * from {{ ref('int_rules_dated') }}

),

latest_resets as (

    select * from {{ ref('int_latest_resets') }}

),

final as (

    select
        daily_matches.lead_id,
        rules_dated.score_model,
        rules_dated.rule_id,
        rules_dated.rule_number,
        rules_dated.kind,
        rules_dated.subscore,
        rules_dated.window_days,
        rules_dated.max_per_day,
        rules_dated.points,
        rules_dated.decay_from,
        rules_dated.is_additive,
        rules_dated.is_scaled,
        rules_dated.scored_on,
        daily_matches.occurred_on,
        rules_dated.age,
        rules_dated.factor,
        rules_dated.points_of_one,
        daily_matches.occurrences
    from daily_matches
    inner join rules_dated
        on daily_matches.match_id = rules_dated.match_id
        and daily_matches.occurred_on = rules_dated.occurred_on
    left join latest_resets
        on daily_matches.lead_id = latest_resets.lead_id
        and rules_dated.score_model = latest_resets.score_model
        and rules_dated.scored_on = latest_resets.scored_on
    where latest_resets.reset_on is null
        or daily_matches.occurred_on > latest_resets.reset_on
        -- Silence wipes out behaviour, not what speaks against a lead.
        or rules_dated.subscore <> 'behaviour'

)

select * from final
