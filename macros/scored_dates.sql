{# Every lead is scored on several dates. Where millions of day buckets meet all of them, each date has columns of its own, `points__0`, `points__7`, `points__ahead_14`,
   in place of a row: a bucket is looked at once, not once for each date. A column is null where nothing counts on its date. #}


{# The dates on which every lead is scored, as numbers of days before the as_of_date, earliest first: the one the performance reports start from, the two the trend
   looks back to, today, and those ahead, which are negative. Where the past is restated, the dates that were named stand in place of all but today. #}
{% macro scored_days() -%}
    {%- set days_before = [0] -%}
    {%- if var('lead_scoring_restated_days') -%}
        {%- do days_before.extend(var('lead_scoring_restated_days')) -%}
    {%- else -%}
        {%- do days_before.extend([7, 30, var('outcome_window_days') | int]) -%}
        {%- for days_ahead in lead_scoring.outlook_days() -%} {%- do days_before.append(-days_ahead) -%} {%- endfor -%}
    {%- endif -%}
    {{ return(days_before | unique | sort(reverse=true)) }}
{%- endmacro %}


{# That date as SQL. #}
{% macro scored_date(days_before) -%}
    {{ lead_scoring.days_after(lead_scoring.as_of_date(), -days_before) }}
{%- endmacro %}


{# The name of a column for one of these dates. #}
{% macro dated(name, days_before) -%}
    {{ name }}__{{ 'ahead_' ~ -days_before if days_before < 0 else days_before }}
{%- endmacro %}


{# Of the columns for all dates the one for the date of the row. #}
{% macro of_its_date(name, days_before) -%}
    case {{ days_before }}
        {%- for days in lead_scoring.scored_days() %}
        when {{ days }} then {{ lead_scoring.dated(name, days) }}
        {%- endfor %}
    end
{%- endmacro %}


{# A query that gives a row per scored date on which something counts, in place of columns for all dates; `measures[0]` tells where nothing does.
   Each date reads the relation by itself: whoever asks for one date pays for one. #}
{% macro rows_by_scored_date(relation, keys, measures) -%}
    {%- for days in lead_scoring.scored_days() %}
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        {{ lead_scoring.scored_date(days) }} as scored_on,
        {%- for measure in measures %}
        {{ lead_scoring.dated(measure, days) }} as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    where {{ lead_scoring.dated(measures[0], days) }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
