-- Grain: lead, score model, scored date on which a rule and not the score decides the segment. Exclusions and shortcuts, with the rule that did it.
with rules as (

    select * from {{ ref('int_rules') }}

),

trait_matches as (

    select * from {{ ref('int_trait_matches') }}

),

daily_matches as (

    select * from {{ ref('int_daily_matches') }}
    where occurred_on <= {{ lead_scoring.as_of_date() }}

),

scored_dates as (

    select * from {{ ref('int_scored_dates') }}

),

segments as (

    select * from {{ ref('stg_config__segments') }}

),

exclusions as (

    select
        trait_matches.lead_id,
        rules.score_model,
        trait_matches.scored_on,
        min(rules.rule_id) as exclude_rule_id
    from trait_matches
    inner join rules on trait_matches.match_id = rules.match_id and rules.kind = 'exclude'
    group by trait_matches.lead_id, rules.score_model, trait_matches.scored_on

),

shortcuts_ranked as (

    select
        daily_matches.lead_id,
        rules.score_model,
        scored_dates.scored_on,
        rules.target_segment,
        rules.rule_id,
        row_number() over (
            partition by daily_matches.lead_id, rules.score_model, scored_dates.scored_on
            order by segments.rank desc, rules.rule_id
        ) as shortcut_rank
    from daily_matches
    inner join rules on daily_matches.match_id = rules.match_id and rules.kind = 'shortcut'
    inner join scored_dates
        on daily_matches.occurred_on <= scored_dates.scored_on
        and daily_matches.occurred_on > {{ lead_scoring.days_after('scored_dates.scored_on', '-rules.window_days') }}
    inner join segments
        on rules.score_model = segments.score_model
        and rules.target_segment = segments.segment

),

overridden as (

    select lead_id, score_model, scored_on, exclude_rule_id, cast(null as string) as shortcut_segment, cast(null as string) as shortcut_rule_id
    from exclusions
    union all
    select lead_id, score_model, scored_on, cast(null as string) as exclude_rule_id, target_segment as shortcut_segment, rule_id as shortcut_rule_id
    from shortcuts_ranked
    where shortcut_rank = 1

),

final as (

    select
        lead_id,
        score_model,
        scored_on,
        max(exclude_rule_id) as exclude_rule_id,
        max(shortcut_segment) as shortcut_segment,
        max(shortcut_rule_id) as shortcut_rule_id
    from overridden
    group by lead_id, score_model, scored_on

)

select * from final
