{# The subscores that a score is the sum of, in the order in which they are shown. #}
{% macro subscores() -%}
    {{ return(['behaviour', 'fit', 'negative', 'cycle', 'manual']) }}
{%- endmacro %}
