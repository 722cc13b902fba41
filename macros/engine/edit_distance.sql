{# How many letters must be put in, left out or changed to make one text of the other. #}
{% macro edit_distance(text, other_text) -%}
    levenshtein({{ text }}, {{ other_text }})
{%- endmacro %}
