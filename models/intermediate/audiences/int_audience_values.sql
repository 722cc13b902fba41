-- Grain: lead, score model, field of its score that an audience names. The scores in the long form that conditions meet.
{{ config(materialized='view') }}

{% set score_fields = {
    'score': 'number', 'score_7d_ago': 'number', 'score_30d_ago': 'number', 'score_rank': 'number', 'behaviour_points': 'number', 'fit_points': 'number',
    'negative_points': 'number', 'cycle_points': 'number', 'manual_points': 'number', 'grade': 'text', 'segment': 'text', 'temperature': 'text',
    'stage': 'text', 'trend': 'text', 'is_excluded': 'boolean',
} %}

with fields_named as (

    select distinct field
    from {{ ref('int_rule_conditions') }}
    where scope = 'score'

),

scores as (

    select * from {{ ref('fct_lead_scores') }}

),

held_segments as (

    select * from {{ ref('int_held_segments') }}

),

rules as (

    select * from {{ ref('int_rules') }}

),

daily_matches as (

    select * from {{ ref('int_daily_matches') }}

),

-- When a lead did last what a rule looks for.
rules_met as (

    select
        daily_matches.lead_id,
        rules.score_model,
        fields_named.field,
        max(daily_matches.occurred_on) as last_met_on
    from daily_matches
    inner join rules on daily_matches.match_id = rules.match_id
    inner join fields_named on rules.rule_id = {{ lead_scoring.rule_of_field('fields_named.field') }} and fields_named.field like 'days_since_rule.%'
    where daily_matches.occurred_on <= {{ lead_scoring.as_of_date() }}
    group by daily_matches.lead_id, rules.score_model, fields_named.field

),

values_listed as (

    {%- for field, data_type in score_fields.items() %}
    {%- set relation = 'held_segments.held_segment' if field == 'segment' else 'scores.' ~ field %}
    select
        scores.lead_id,
        scores.score_model,
        fields_named.field,
        cast({{ relation }} as string) as value_text,
        cast({{ relation if data_type == 'number' else 'null' }} as double) as value_number
    from scores
    inner join fields_named on fields_named.field = '{{ field }}'
    {%- if field == 'segment' %}
    inner join held_segments
        on scores.lead_id = held_segments.lead_id
        and scores.score_model = held_segments.score_model
    {%- endif %}
    union all
    {%- endfor %}
    select
        scores.lead_id,
        scores.score_model,
        fields_named.field,
        cast({{ lead_scoring.days_between('rules_met.last_met_on', lead_scoring.as_of_date()) }} as string) as value_text,
        cast({{ lead_scoring.days_between('rules_met.last_met_on', lead_scoring.as_of_date()) }} as double) as value_number
    from scores
    inner join fields_named on fields_named.field like 'days_since_rule.%'
    left join rules_met
        on scores.lead_id = rules_met.lead_id
        and scores.score_model = rules_met.score_model
        and fields_named.field = rules_met.field

),

final as (

    select
        lead_id,
        score_model,
        field,
        value_text,
        {{ lead_scoring.comparable('value_text') }} as comparable_text,
        value_number,
        cast(null as date) as value_date
    from values_listed

)

select * from final
