{# The relation that holds a seed's rows: the seed of that name, or the one a user of this package names in the var `lead_scoring_<seed>`.
   A variable and not a seed of the same name, because two seeds of one name do not parse. #}
{% macro config_relation(seed) -%}
    {{ ref(var('lead_scoring_' ~ seed, seed)) }}
{%- endmacro %}


{# The file that its rows came from, for people. #}
{% macro config_file(seed) -%}
    {{ var('lead_scoring_' ~ seed, seed) }}.csv
{%- endmacro %}
