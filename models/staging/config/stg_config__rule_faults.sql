-- Grain: fault. Rules that contradict their kind or themselves. What each kind must, may and must not say stands in kinds.csv, what each decay needs in decays.csv.
{% set columns = [
    'event_type', 'points', 'decay', 'count_once_per', 'max_per_day', 'max_points', 'rule_group',
    'window_days', 'min_count', 'max_count', 'target_segment', 'active_from', 'active_to',
] %}

with rules as (

    select * from {{ ref('stg_config__point_grid') }}

),

kinds as (

    select * from {{ ref('stg_config__kinds') }}

),

decays as (

    select * from {{ ref('stg_config__decays') }}

),

further_conditions as (

    select distinct
        score_model,
        rule_id
    from {{ ref('stg_config__point_grid_conditions') }}

),

cells as (

    {%- for column in columns %}
        select
            rules.file,
            rules.score_model,
            rules.rule_id,
            rules.row_key,
            rules.kind,
            '{{ column }}' as column_name,
            {{ lead_scoring.shown_number('rules.' ~ column) if column in ['points', 'max_points'] else 'cast(rules.' ~ column ~ ' as string)' }} as cell,
            {{ lead_scoring.is_unreadable(column, 'rules') }} as is_unreadable,
            kinds.{{ column }} as presence
        from rules
        inner join kinds on rules.kind = kinds.kind
        {{ 'union all' if not loop.last }}
    {%- endfor %}

),

rules_without_condition as (

    select rules.*
    from rules
    inner join kinds on rules.kind = kinds.kind
    left join further_conditions
        on rules.score_model = further_conditions.score_model
        and rules.rule_id = further_conditions.rule_id
    where
        kinds.condition = 'required'
        and rules.field is null
        and rules.operator is null
        and rules.operand is null
        and further_conditions.rule_id is null

),

rules_with_decay as (

    select
        rules.*,
        decays.needs_decay_days,
        decays.needs_decay_percent
    from rules
    inner join decays on rules.decay = decays.decay

),

final as (

    select
        file,
        score_model,
        rule_id,
        row_key,
        column_name,
        'is missing: a rule of the kind ' || kind || ' needs it' as reason
    from cells
    where presence = 'required' and cell is null and not is_unreadable
    union all
    select
        file,
        score_model,
        rule_id,
        row_key,
        column_name,
        cell || ' stands there, but a rule of the kind ' || kind || ' takes none' as reason
    from cells
    where presence = 'none' and cell is not null
    union all
    select
        {{ lead_scoring.fault('point_grid', 'field', "'is missing: a rule of the kind ' || kind || ' needs a condition'") }}
    from rules_without_condition
    union all
    select
        {{ lead_scoring.fault('point_grid', 'decay_days', "'is missing: ' || decay || ' needs it'") }}
    from rules_with_decay
    where needs_decay_days and decay_days is null and not {{ lead_scoring.is_unreadable('decay_days') }}
    union all
    select
        {{ lead_scoring.fault('point_grid', 'decay_percent', "'is missing: ' || decay || ' needs it'") }}
    from rules_with_decay
    where needs_decay_percent and decay_percent is null and not {{ lead_scoring.is_unreadable('decay_percent') }}
    union all
    select
        {{ lead_scoring.fault('point_grid', 'decay_percent', lead_scoring.shown_number('decay_percent') ~ " || ' stands there, but ' || decay || ' takes none'") }}
    from rules_with_decay
    where not needs_decay_percent and decay_percent is not null
    union all
    select
        {{ lead_scoring.fault('point_grid', 'decay_percent', lead_scoring.shown_number('decay_percent') ~ " || ' is more than 100'") }}
    from rules
    where decay_percent > 100
    union all
    select
        {{ lead_scoring.fault('point_grid', 'decay', "'is missing: decay_days, decay_percent or decay_from stand without one'") }}
    from rules
    where decay is null and (decay_days is not null or decay_percent is not null or decay_from is not null)
    union all
    select
        {{ lead_scoring.fault('point_grid', 'min_count', "cast(min_count as string) || ' is more than max_count, ' || cast(max_count as string)") }}
    from rules
    where min_count > max_count
    union all
    select
        {{ lead_scoring.fault('point_grid', 'active_from', "cast(active_from as string) || ' is after active_to, ' || cast(active_to as string)") }}
    from rules
    where active_from > active_to

)

select * from final
