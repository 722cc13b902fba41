{# The calendar date of a UTC timestamp in scoring_timezone. #}
{% macro local_date(timestamp_utc) -%}
    {%- if var('scoring_timezone') == 'UTC' -%}
        cast({{ timestamp_utc }} as date)
    {%- else -%}
        {{ adapter.dispatch('local_date', 'lead_scoring')(timestamp_utc, var('scoring_timezone')) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__local_date(timestamp_utc, time_zone) -%}
    to_date(from_utc_timestamp({{ timestamp_utc }}, '{{ time_zone }}'))
{%- endmacro %}

{% macro duckdb__local_date(timestamp_utc, time_zone) -%}
    cast(timezone('{{ time_zone }}', timezone('UTC', {{ timestamp_utc }})) as date)
{%- endmacro %}


{# How many days later_date lies after earlier_date, as an integer. #}
{% macro days_between(earlier_date, later_date) -%}
    {{ adapter.dispatch('days_between', 'lead_scoring')(earlier_date, later_date) }}
{%- endmacro %}

{% macro default__days_between(earlier_date, later_date) -%}
    datediff({{ later_date }}, {{ earlier_date }})
{%- endmacro %}

{% macro duckdb__days_between(earlier_date, later_date) -%}
    cast({{ later_date }} - {{ earlier_date }} as int)
{%- endmacro %}


{# The date a number of days after another; the number is an integer expression. #}
{% macro days_after(start_date, days) -%}
    {{ adapter.dispatch('days_after', 'lead_scoring')(start_date, days) }}
{%- endmacro %}

{% macro default__days_after(start_date, days) -%}
    date_add({{ start_date }}, {{ days }})
{%- endmacro %}

{% macro duckdb__days_after(start_date, days) -%}
    ({{ start_date }} + cast({{ days }} as int))
{%- endmacro %}


{# Seconds between two timestamps, as decimal(18,6). #}
{% macro seconds_between(earlier_at, later_at) -%}
    {{ adapter.dispatch('seconds_between', 'lead_scoring')(earlier_at, later_at) }}
{%- endmacro %}

{% macro default__seconds_between(earlier_at, later_at) -%}
    cast(cast(unix_micros(cast({{ later_at }} as timestamp)) - unix_micros(cast({{ earlier_at }} as timestamp)) as decimal(24, 0)) * cast(0.000001 as decimal(6, 6)) as decimal(18, 6))
{%- endmacro %}

{% macro duckdb__seconds_between(earlier_at, later_at) -%}
    cast(cast(date_diff('microsecond', {{ earlier_at }}, {{ later_at }}) as decimal(24, 0)) * cast(0.000001 as decimal(6, 6)) as decimal(18, 6))
{%- endmacro %}


{# The timestamp a number of hours after the start of a date. #}
{% macro hours_after(start_date, hours) -%}
    {{ adapter.dispatch('hours_after', 'lead_scoring')(start_date, hours) }}
{%- endmacro %}

{% macro default__hours_after(start_date, hours) -%}
    timestampadd(hour, {{ hours }}, cast({{ start_date }} as timestamp))
{%- endmacro %}

{% macro duckdb__hours_after(start_date, hours) -%}
    (cast({{ start_date }} as timestamp) + to_hours(cast({{ hours }} as int)))
{%- endmacro %}


{# A date as a person says it: 24 March, and 24 March 2025 where the year is not that of the as_of_date. #}
{% macro date_in_words(day) -%}
    case
        when extract(year from {{ day }}) = extract(year from {{ lead_scoring.as_of_date() }}) then {{ adapter.dispatch('day_in_words', 'lead_scoring')(day) }}
        else {{ adapter.dispatch('day_in_words', 'lead_scoring')(day) }} || ' ' || cast(extract(year from {{ day }}) as string)
    end
{%- endmacro %}

{% macro default__day_in_words(day) -%}
    date_format({{ day }}, 'd MMMM')
{%- endmacro %}

{% macro duckdb__day_in_words(day) -%}
    strftime({{ day }}, '%-d %B')
{%- endmacro %}
