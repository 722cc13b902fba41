{# The lower end of a range as forms offer them, a text: 25 of `25-50` and 1000 of `1000+`: what is certain. Anything else is as it was, without white space at both ends. #}
{% macro lower_end(text) -%}
    regexp_replace({{ lead_scoring.trimmed(text) }}, ' *([-–].*|[+])$', '')
{%- endmacro %}
