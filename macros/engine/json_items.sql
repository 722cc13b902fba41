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


{# The items of a JSON array as an array of texts. A JSON object is its own only item; what is empty or neither of the two has one item that is null, so that no row
   is lost when the items become rows. #}
{% macro json_elements(json) -%}
    {{ adapter.dispatch('json_elements', 'lead_scoring')(json) }}
{%- endmacro %}

{% macro default__json_elements(json) -%}
    case
        when get_json_object({{ json }}, '$') like '{' || '%' then array({{ json }})
        when size(from_json({{ json }}, 'array<string>')) > 0 then from_json({{ json }}, 'array<string>')
        else array(cast(null as string))
    end
{%- endmacro %}

{% macro duckdb__json_elements(json) -%}
    case
        when json_valid({{ json }})
            then case
                when json_type({{ json }}) = 'OBJECT' then [{{ json }}]
                when json_array_length({{ json }}) > 0 then cast(json_extract({{ json }}, '$[*]') as varchar[])
                else [cast(null as varchar)]
            end
        else [cast(null as varchar)]
    end
{%- endmacro %}
