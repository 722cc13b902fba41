{# One row per element of the array at a path of a JSON object, each as JSON; no row where there is none. To be used in a select list. #}
{% macro json_items(json, path) -%}
    {{ adapter.dispatch('json_items', 'lead_scoring')(json, path) }}
{%- endmacro %}

{% macro default__json_items(json, path) -%}
    explode(from_json(get_json_object({{ json }}, '$.{{ path }}'), 'array<string>'))
{%- endmacro %}

{% macro duckdb__json_items(json, path) -%}
    cast(unnest(
        case
            when json_valid({{ json }}) and json_type({{ json }}, '$.{{ path }}') = 'ARRAY' then cast(json_extract({{ json }}, '$.{{ path }}') as json[])
        end
    ) as string)
{%- endmacro %}
