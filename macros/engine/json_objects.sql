{# A JSON object of the keys and the texts given, without those that are null; null when none is left. #}
{% macro json_object(pairs) -%}
    {{ adapter.dispatch('json_object', 'lead_scoring')(pairs) }}
{%- endmacro %}

{% macro default__json_object(pairs) -%}
    nullif(to_json(named_struct(
        {%- for key, text in pairs.items() -%}
        '{{ key }}', {{ text }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    )), '{}')
{%- endmacro %}

{% macro duckdb__json_object(pairs) -%}
    nullif(cast(json_merge_patch('{}', json_object(
        {%- for key, text in pairs.items() -%}
        '{{ key }}', {{ text }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    )) as string), '{}')
{%- endmacro %}


{# A text as JSON writes it, in quotes; null for null. #}
{% macro json_string(text) -%}
    {{ adapter.dispatch('json_string', 'lead_scoring')(text) }}
{%- endmacro %}

{% macro default__json_string(text) -%}
    substring(to_json(named_struct('v', {{ text }})), 6, length(to_json(named_struct('v', {{ text }}))) - 6)
{%- endmacro %}

{% macro duckdb__json_string(text) -%}
    cast(to_json({{ text }}) as string)
{%- endmacro %}
