{# The UTC timestamp of a clock time in a time zone. Of the hour that comes twice in autumn one is taken; the hour that spring leaves out is moved. #}
{% macro local_to_utc(local_at, time_zone) -%}
    {%- if time_zone == 'UTC' -%}
        {{ local_at }}
    {%- else -%}
        {{ adapter.dispatch('local_to_utc', 'lead_scoring')(local_at, time_zone) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__local_to_utc(local_at, time_zone) -%}
    to_utc_timestamp({{ local_at }}, '{{ time_zone }}')
{%- endmacro %}

{% macro duckdb__local_to_utc(local_at, time_zone) -%}
    timezone('UTC', timezone('{{ time_zone }}', {{ local_at }}))
{%- endmacro %}
