-- Grain: lead, event or frequency rule, date. The matches that a rule may count, and on which scored dates: not before they happened, nor where a reset has wiped them out.
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
        daily_matches.occurred_on,
        daily_matches.occurrences,
        {%- for days in lead_scoring.scored_days() %}
        {%- set is_last_date = loop.last %}
        {%- for name in ['age', 'factor', 'points_of_one'] %}
        case
            when latest_resets.{{ lead_scoring.dated('reset_on', days) }} is null
                or daily_matches.occurred_on > latest_resets.{{ lead_scoring.dated('reset_on', days) }}
                -- Silence wipes out behaviour, not what speaks against a lead.
                or rules_dated.subscore <> 'behaviour'
                then rules_dated.{{ lead_scoring.dated(name, days) }}
        end as {{ lead_scoring.dated(name, days) }}{{ ',' if not (loop.last and is_last_date) }}
        {%- endfor %}
        {%- endfor %}
    from daily_matches
    inner join rules_dated
        on daily_matches.match_id = rules_dated.match_id
        and daily_matches.occurred_on = rules_dated.occurred_on
    left join latest_resets
        on daily_matches.lead_id = latest_resets.lead_id
        and rules_dated.score_model = latest_resets.score_model

)

select * from final
