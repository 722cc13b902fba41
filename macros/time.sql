{# The date the scores are for, as a SQL date. #}
{% macro as_of_date() -%}
    cast('{{ lead_scoring.as_of_date_text() }}' as date)
{%- endmacro %}


{# The same as text: the var, or the day on which the run started in scoring_timezone. #}
{% macro as_of_date_text() -%}
    {%- if var('as_of_date') -%}
        {{ var('as_of_date') }}
    {%- else -%}
        {{ run_started_at.astimezone(modules.pytz.timezone(var('scoring_timezone'))).strftime('%Y-%m-%d') }}
    {%- endif -%}
{%- endmacro %}


{# A condition that keeps the rows that were loaded by known_at; true without one. #}
{% macro is_known(loaded_at) -%}
    {%- if var('known_at') -%}
        {{ loaded_at }} <= cast('{{ var("known_at") }}' as timestamp)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{# The date from which on events are kept, as text; empty where they are kept for good. It moves with the month: then everything is made anew, once, without what is older. #}
{% macro retained_from_text() -%}
    {%- if var('lead_scoring_retention_days') | int > 0 -%}
        {%- set last_kept = modules.datetime.datetime.strptime(lead_scoring.as_of_date_text(), '%Y-%m-%d') - modules.datetime.timedelta(days=var('lead_scoring_retention_days') | int) -%}
        {{ last_kept.strftime('%Y-%m-01') }}
    {%- endif -%}
{%- endmacro %}


{# The days ahead on which leads are scored. Raises a compiler error where one is no whole number above 0. #}
{% macro outlook_days() -%}
    {%- set days_ahead = var('lead_scoring_outlook_days') -%}
    {%- for days in days_ahead if days is not integer or days is boolean or days < 1 -%}
        {{ exceptions.raise_compiler_error("The var lead_scoring_outlook_days names " ~ days ~ "; it takes a list of whole numbers above 0, or [].") }}
    {%- endfor -%}
    {{ return(days_ahead) }}
{%- endmacro %}
