-- Grain: lead, score model in which silence wiped out the behaviour. The latest reset by each scored date: what happened on or before it no longer counts then.
with rules as (

    select * from {{ ref('int_rules') }}
    where kind = 'reset'

),

daily_matches as (

    select * from {{ ref('int_daily_matches') }}
    where occurred_on <= {{ lead_scoring.as_of_date() }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

-- Becoming known counts as engagement: silence can only begin then.
engagement_dates as (

    select
        daily_matches.lead_id,
        rules.score_model,
        rules.rule_id,
        rules.window_days,
        daily_matches.occurred_on as engaged_on
    from daily_matches
    inner join rules on daily_matches.match_id = rules.match_id
    union all
    select
        leads.lead_id,
        rules.score_model,
        rules.rule_id,
        rules.window_days,
        leads.first_seen_on as engaged_on
    from leads
    cross join rules

),

-- Of one day twice the first is followed by the second: it is no silence.
silences as (

    select
        lead_id,
        score_model,
        {{ lead_scoring.days_after('engaged_on', 'window_days') }} as reset_on,
        lead(engaged_on) over (partition by lead_id, score_model, rule_id order by engaged_on) as next_engaged_on
    from engagement_dates

),

final as (

    select
        lead_id,
        score_model,
        {%- for days in lead_scoring.scored_days() %}
        max(case when reset_on <= {{ lead_scoring.scored_date(days) }} then reset_on end) as {{ lead_scoring.dated('reset_on', days) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from silences
    where reset_on <= {{ lead_scoring.scored_date(lead_scoring.scored_days() | last) }}
        and (next_engaged_on is null or next_engaged_on > reset_on)
    group by lead_id, score_model

)

select * from final
