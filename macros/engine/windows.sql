{# The last value that is not null, of the rows of a window up to the row itself. #}
{% macro last_known(expression, partition_by, order_by) -%}
    {{ adapter.dispatch('last_known', 'lead_scoring')(expression, partition_by, order_by) }}
{%- endmacro %}

{% macro default__last_known(expression, partition_by, order_by) -%}
    last_value({{ expression }}, true) over (partition by {{ partition_by }} order by {{ order_by }} rows between unbounded preceding and current row)
{%- endmacro %}

{% macro duckdb__last_known(expression, partition_by, order_by) -%}
    last_value({{ expression }} ignore nulls) over (partition by {{ partition_by }} order by {{ order_by }} rows between unbounded preceding and current row)
{%- endmacro %}
