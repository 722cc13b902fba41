-- Grain: score model, rule. A rule as the point grid says it, with the matcher that it shares with every rule that looks for the same things.
with rules as (

    select * from {{ ref('stg_config__point_grid') }}

),

rule_conditions as (

    select * from {{ ref('int_rule_conditions') }}

),

rule_event_types as (

    select * from {{ ref('int_rule_event_types') }}

),

scored_dates as (

    select * from {{ ref('int_scored_dates') }}

),

conditions_joined as (

    select
        score_model,
        rule_id,
        count(*) as condition_count,
        {{ lead_scoring.joined_in_order('condition_id', ',') }} as condition_ids
    from rule_conditions
    group by score_model, rule_id

),

event_types_joined as (

    select
        score_model,
        rule_id,
        {{ lead_scoring.joined_in_order('event_type', ',') }} as event_types
    from rule_event_types
    group by score_model, rule_id

),

final as (

    select
        rules.score_model,
        rules.rule_id,
        cast(row_number() over (order by rules.score_model, rules.rule_id) as int) as rule_number,
        rules.label,
        rules.kind,
        rules.subscore,
        coalesce(rules.rule_group, 'rule:' || rules.rule_id) as group_key,
        rules.rule_group,
        rules.stage,
        rules.points,
        rules.max_per_day,
        rules.max_points,
        rules.window_days,
        rules.min_count,
        rules.max_count,
        rules.target_segment,
        rules.decay,
        rules.decay_days,
        rules.decay_percent,
        rules.decay_from,
        case
            when rules.decay is not null
                then rules.decay || ':' || coalesce(cast(rules.decay_days as string), '') || ':' || coalesce(cast(rules.decay_percent as string), '')
        end as decay_id,
        case when rules.kind in ('attribute', 'exclude') then 'trait' else 'event' end as scope,
        rules.count_once_per,
        rules.active_from,
        rules.active_to,
        coalesce(conditions_joined.condition_count, 0) as condition_count,
        md5(
            case when rules.kind in ('attribute', 'exclude') then 'trait' else 'event' end
            || '|' || coalesce(event_types_joined.event_types, '')
            || '|' || coalesce(conditions_joined.condition_ids, '')
            || '|' || coalesce(rules.count_once_per, '')
            || '|' || coalesce(cast(rules.active_from as string), '')
            || '|' || coalesce(cast(rules.active_to as string), '')
        ) as match_id
    from rules
    left join conditions_joined
        on rules.score_model = conditions_joined.score_model
        and rules.rule_id = conditions_joined.rule_id
    left join event_types_joined
        on rules.score_model = event_types_joined.score_model
        and rules.rule_id = event_types_joined.rule_id
    where exists (select 1 from scored_dates)

)

select * from final
