{# The distinct values of a group that meet a condition, as an array in ascending order; empty for none. #}
{% macro sorted_array(value, condition) -%}
    {{ adapter.dispatch('sorted_array', 'lead_scoring')(value, condition) }}
{%- endmacro %}

{% macro default__sorted_array(value, condition) -%}
    array_sort(collect_set(case when {{ condition }} then {{ value }} end))
{%- endmacro %}

{% macro duckdb__sorted_array(value, condition) -%}
    coalesce(list_sort(list_distinct(list({{ value }}) filter (where {{ condition }}))), [])
{%- endmacro %}


{# Whether an array has any element; null for null. #}
{% macro has_elements(array) -%}
    {{ adapter.dispatch('has_elements', 'lead_scoring')(array) }}
{%- endmacro %}

{% macro default__has_elements(array) -%}
    size({{ array }}) > 0
{%- endmacro %}

{% macro duckdb__has_elements(array) -%}
    len({{ array }}) > 0
{%- endmacro %}


{# Which interval of an ascending array of thresholds a number lies in: equal for two numbers exactly when no threshold lies between them or on one of them. #}
{% macro interval_of(value, thresholds) -%}
    {{ adapter.dispatch('interval_of', 'lead_scoring')(value, thresholds) }}
{%- endmacro %}

{% macro default__interval_of(value, thresholds) -%}
    size(filter({{ thresholds }}, threshold -> threshold < {{ value }})) + size(filter({{ thresholds }}, threshold -> threshold <= {{ value }}))
{%- endmacro %}

{% macro duckdb__interval_of(value, thresholds) -%}
    len(list_filter({{ thresholds }}, lambda threshold: threshold < {{ value }})) + len(list_filter({{ thresholds }}, lambda threshold: threshold <= {{ value }}))
{%- endmacro %}


{# The text at a literal key of a JSON object; null when the key is missing, its value null or blank, or the text no JSON object. #}
{% macro json_text(json, key) -%}
    {{ adapter.dispatch('json_text', 'lead_scoring')(json, key) }}
{%- endmacro %}

{% macro default__json_text(json, key) -%}
    nullif(trim(get_json_object({{ json }}, concat('$[\'', {{ key }}, '\']'))), '')
{%- endmacro %}

{% macro duckdb__json_text(json, key) -%}
    case
        when json_valid({{ json }})
            and {{ lead_scoring.blank_to_null("json_extract_string(" ~ json ~ ", '$.\"' || " ~ key ~ " || '\"')") }} is not null
            then json_extract_string({{ json }}, '$."' || {{ key }} || '"')
    end
{%- endmacro %}


{# The texts at an array of keys, as one text that differs when one of them differs. #}
{% macro json_signature(json, keys) -%}
    {{ adapter.dispatch('json_signature', 'lead_scoring')(json, keys) }}
{%- endmacro %}

{% macro default__json_signature(json, keys) -%}
    to_json(transform({{ keys }}, key -> {{ lead_scoring.json_text(json, 'key') }}))
{%- endmacro %}

{% macro duckdb__json_signature(json, keys) -%}
    cast(to_json(list_transform({{ keys }}, lambda key: {{ lead_scoring.json_text(json, 'key') }})) as string)
{%- endmacro %}


{# One row per element of an array; to be used in a select list. #}
{% macro array_to_rows(array) -%}
    {{ adapter.dispatch('array_to_rows', 'lead_scoring')(array) }}
{%- endmacro %}

{% macro default__array_to_rows(array) -%}
    explode({{ array }})
{%- endmacro %}

{% macro duckdb__array_to_rows(array) -%}
    unnest({{ array }})
{%- endmacro %}


{# The whole numbers from 0 to a number, as an array. #}
{% macro whole_numbers_up_to(number) -%}
    {{ adapter.dispatch('whole_numbers_up_to', 'lead_scoring')(number) }}
{%- endmacro %}

{% macro default__whole_numbers_up_to(number) -%}
    sequence(0, {{ number }})
{%- endmacro %}

{% macro duckdb__whole_numbers_up_to(number) -%}
    range(0, {{ number }} + 1)
{%- endmacro %}
