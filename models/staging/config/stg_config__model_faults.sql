-- Grain: fault. Score models, groups, bounds and lists that contradict themselves or one another.
with score_models as (

    select * from {{ ref('stg_config__score_models') }}

),

rules as (

    select * from {{ ref('stg_config__point_grid') }}

),

rule_groups as (

    select * from {{ ref('stg_config__rule_groups') }}

),

subscores as (

    select word as subscore
    from {{ ref('stg_config__vocabulary') }}
    where vocabulary = 'subscore'

),

seasons as (

    select * from {{ ref('stg_config__seasons') }}

),

event_types as (

    select * from {{ ref('stg_config__event_types') }}

),

guards as (

    select * from {{ ref('stg_config__guards') }}

),

domains as (

    select
        file,
        row_key,
        domain
    from {{ ref('stg_config__free_email_domains') }}
    union all
    select
        file,
        row_key,
        domain
    from {{ ref('stg_config__internal_domains') }}

),

bounds as (

    select
        file,
        score_model,
        row_key,
        min_points,
        max_points
    from rule_groups
    union all
    select
        file,
        score_model,
        row_key,
        min_points,
        max_points
    from {{ ref('stg_config__subscore_bounds') }}

),

rules_misplaced as (

    select
        rules.*,
        rule_groups.subscore as group_subscore
    from rules
    inner join rule_groups
        on rules.score_model = rule_groups.score_model
        and rules.rule_group = rule_groups.rule_group
    inner join subscores on rules.subscore = subscores.subscore
    where rules.subscore <> rule_groups.subscore and rule_groups.subscore in (select subscores.subscore from subscores)

),

score_models_counted as (

    select
        score_models.*,
        sum(case when score_models.is_default then 1 else 0 end) over () as default_count
    from score_models

),

final as (

    select
        {{ lead_scoring.fault('point_grid', 'subscore', "subscore || ' is not that of its group ' || rule_group || ', ' || group_subscore") }}
    from rules_misplaced
    union all
    select
        {{ lead_scoring.fault('rule_groups', 'rule_group', "rule_group || ' is reserved: a rule without a group is a group of that name'") }}
    from rule_groups
    where rule_group like 'rule:%'
    union all
    select
        {{ lead_scoring.fault('rule_groups', 'min_points', lead_scoring.shown_number('min_points') ~ " || ' is more than max_points, ' || " ~ lead_scoring.shown_number('max_points')) }}
    from bounds
    where min_points > max_points
    union all
    select
        {{ lead_scoring.fault('score_models', 'score_min', lead_scoring.shown_number('score_min') ~ " || ' is not below score_max, ' || " ~ lead_scoring.shown_number('score_max')) }}
    from score_models
    where score_min >= score_max
    union all
    select
        {{ lead_scoring.fault('score_models', 'scaled_points_min', "'is missing: ' || points_scaling || ' needs it'") }}
    from score_models
    where points_scaling is not null and scaled_points_min is null and not {{ lead_scoring.is_unreadable('scaled_points_min') }}
    union all
    select
        {{ lead_scoring.fault('score_models', 'scaled_points_max', "'is missing: ' || points_scaling || ' needs it'") }}
    from score_models
    where points_scaling is not null and scaled_points_max is null and not {{ lead_scoring.is_unreadable('scaled_points_max') }}
    union all
    select
        {{ lead_scoring.fault('score_models', 'points_scaling', "'is missing: scaled_points_min or scaled_points_max stand without one'") }}
    from score_models
    where points_scaling is null and (scaled_points_min is not null or scaled_points_max is not null)
    union all
    select
        {{ lead_scoring.fault('score_models', 'scaled_points_min', lead_scoring.shown_number('scaled_points_min') ~ " || ' is not below scaled_points_max, ' || " ~ lead_scoring.shown_number('scaled_points_max')) }}
    from score_models
    where scaled_points_min >= scaled_points_max
    union all
    select
        {{ lead_scoring.fault('score_models', 'is_default', "'is true for ' || cast(default_count as string) || ' score models: one is the default'") }}
    from score_models_counted
    where is_default and default_count > 1
    union all
    select
        coalesce(min(file), 'score_models.csv') as file,  -- noqa: RF04
        cast(null as string) as score_model,
        cast(null as string) as rule_id,
        cast(null as string) as row_key,
        'is_default' as column_name,
        'is true for no score model: one is the default' as reason
    from score_models
    having coalesce(sum(case when is_default or {{ lead_scoring.is_unreadable('is_default') }} then 1 else 0 end), 0) = 0
    union all
    select
        {{ lead_scoring.fault('seasons', 'month', "cast(month as string) || ' is not between 1 and 12'") }}
    from seasons
    where month < 1 or month > 12
    union all
    select
        {{ lead_scoring.fault('free_email_domains', 'domain', "domain || ' is no domain: what stands behind the @, with a dot'") }}
    from domains
    where not {{ lead_scoring.matches_regex('domain', "'^[^@[:space:]]+[.][^@[:space:].]+$'") }}
    union all
    select
        {{ lead_scoring.fault('event_types', 'is_machine', "'is true as is_engagement is: what a machine did is no engagement'") }}
    from event_types
    where is_machine and is_engagement
    union all
    select
        {{ lead_scoring.fault('guards', 'warn_below', lead_scoring.shown_number('warn_below') ~ " || ' is below stop_below, ' || " ~ lead_scoring.shown_number('stop_below') ~ " || ': it would never be told'") }}
    from guards
    where warn_below < stop_below
    union all
    select
        {{ lead_scoring.fault('guards', 'warn_above', lead_scoring.shown_number('warn_above') ~ " || ' is above stop_above, ' || " ~ lead_scoring.shown_number('stop_above') ~ " || ': it would never be told'") }}
    from guards
    where warn_above > stop_above
    union all
    select
        {{ lead_scoring.fault('guards', 'subject', "subject || ' is no source and no score model'") }}
    from guards
    where subject not in ('{{ (var('lead_scoring_staged').keys() | list + var('lead_scoring_sources')) | map('lower') | unique | join("', '") }}')
        and subject not in (select lower(score_models.score_model) from score_models)

)

select * from final
