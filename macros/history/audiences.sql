{# How an audience stands in the log of what was published: as a score model of this name, which no score model can have. #}
{% macro audience_standing(audience) -%}
    'audience:' || {{ audience }}
{%- endmacro %}


{# The audience that such a name stands for. #}
{% macro audience_of(score_model) -%}
    substring({{ score_model }}, {{ 'audience:' | length + 1 }})
{%- endmacro %}
