{# The columns that say which row of a seed is meant, for a select from its stg_config__* model; null where the seed has no such column. #}
{% macro row_columns(seed) -%}
    {%- set rules = ['point_grid', 'point_grid_conditions'] -%}
    {%- set in_score_models = rules + ['rule_groups', 'subscore_bounds', 'score_models', 'grade_scales', 'segments', 'next_actions'] -%}
        file,
        {{ 'score_model' if seed in in_score_models else 'cast(null as string)' }} as score_model,
        {{ 'rule_id' if seed in rules else 'cast(null as string)' }} as rule_id,
        row_key
{%- endmacro %}


{# The select list of a fault: the row of a seed, the column to look at, and a text expression that says what is wrong. #}
{% macro fault(seed, column, reason) -%}
        {{ lead_scoring.row_columns(seed) }},
        '{{ column }}' as column_name,
        {{ reason }} as reason
{%- endmacro %}


{# A decimal(.., 4) for people: 12.5000 as 12.5. #}
{% macro shown_number(number) -%}
    regexp_replace(cast({{ number }} as string), '[.]?0*$', '')
{%- endmacro %}


{# Whether a cell had text that did not cast: that is told already, so it is not also missing. `relation` where several have unreadable columns. #}
{% macro is_unreadable(column, relation=none) -%}
    (',' || coalesce({{ relation ~ '.' if relation }}unreadable_columns, '') || ',' like '%,{{ column }},%')
{%- endmacro %}
