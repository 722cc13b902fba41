-- Grain: lead, frequency rule that holds, scored date. Points for how often something happened lately, or for its not happening.
with counted_matches as (

    select * from {{ ref('int_counted_matches') }}
    where kind = 'frequency'

),

rules as (

    select * from {{ ref('int_rules') }}
    where kind = 'frequency'

),

lead_days as (

    select * from {{ ref('int_lead_days') }}

),

windows as (

    select
        lead_id,
        score_model,
        rule_id,
        {%- for days in lead_scoring.scored_days() %}
        {%- set age = lead_scoring.dated('age', days) %}
        cast(sum(case when {{ age }} < window_days then occurrences end) as bigint) as {{ lead_scoring.dated('occurrences', days) }},
        min(case when {{ age }} < window_days then occurred_on end) as {{ lead_scoring.dated('first_on', days) }},
        max(case when {{ age }} < window_days then occurred_on end) as {{ lead_scoring.dated('last_on', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from counted_matches
    group by lead_id, score_model, rule_id

),

window_counts as (

    {{ lead_scoring.rows_by_scored_date('windows', ['lead_id', 'score_model', 'rule_id'], ['occurrences', 'first_on', 'last_on']) }}

),

-- Rules that ask for at least one event need no row for the leads without any.
candidates as (

    select
        lead_days.lead_id,
        rules.score_model,
        rules.rule_id,
        lead_days.scored_on
    from lead_days
    inner join rules
        on coalesce(rules.min_count, 0) <= 0
        -- Silence is only silence of somebody who has been known for the whole window.
        and (
            coalesce(rules.max_count, 1) <> 0
            or lead_days.first_seen_on <= {{ lead_scoring.days_after('lead_days.scored_on', '-rules.window_days') }}
        )
    union
    select
        lead_id,
        score_model,
        rule_id,
        scored_on
    from window_counts

),

final as (

    select
        candidates.lead_id,
        candidates.score_model,
        candidates.scored_on,
        candidates.rule_id,
        coalesce(window_counts.occurrences, 0) as occurrences,
        window_counts.first_on,
        window_counts.last_on,
        cast(rules.points as decimal(18, 6)) as points
    from candidates
    inner join rules
        on candidates.score_model = rules.score_model
        and candidates.rule_id = rules.rule_id
    left join window_counts
        on candidates.lead_id = window_counts.lead_id
        and candidates.score_model = window_counts.score_model
        and candidates.rule_id = window_counts.rule_id
        and candidates.scored_on = window_counts.scored_on
    where coalesce(window_counts.occurrences, 0) >= coalesce(rules.min_count, 0)
        and (rules.max_count is null or coalesce(window_counts.occurrences, 0) <= rules.max_count)

)

select * from final
