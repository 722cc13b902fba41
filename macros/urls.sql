{# The path of a URL: without host, query and fragment; `/` where there is none. What is no URL is a path already. #}
{% macro url_path(url) -%}
    case
        when {{ url }} is not null
            then coalesce(nullif(regexp_replace(regexp_replace({{ url }}, '^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*', ''), '[?#].*$', ''), ''), '/')
    end
{%- endmacro %}


{# A parameter of a URL's query, as it stands there; null when there is none. #}
{% macro url_parameter(url, name) -%}
    nullif(regexp_extract({{ url }}, '[?&]{{ name }}=([^&#]*)', 1), '')
{%- endmacro %}
