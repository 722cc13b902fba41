{# Schema names are literal: `marts`, not `main_marts`, so that BI reads the same name everywhere. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
