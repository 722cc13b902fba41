{# Casts that give null instead of an error, and that read nothing but the plain forms: an engine's own cast also takes
   `1_000`, `0x10`, `nan`, 3 April for 03/04/2026, and drops the offset of a time. Each takes a text expression. #}

{% macro plain_number_pattern(allows_exponent=true) -%}
    '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+){{ '([eE][+-]?[0-9]{1,3})?' if allows_exponent }}$'
{%- endmacro %}


{# dbt's own safe_cast is a plain cast on DuckDB. #}
{% macro duckdb__safe_cast(field, type) -%}
    try_cast({{ field }} as {{ type }})
{%- endmacro %}


{# A decimal out of a text; null when it is no plain number or does not fit. #}
{% macro text_to_decimal(text, precision, scale) -%}
    case
        when {{ lead_scoring.matches_regex(text, lead_scoring.plain_number_pattern()) }}
            then {{ dbt.safe_cast(text, 'decimal(' ~ precision ~ ',' ~ scale ~ ')') }}
    end
{%- endmacro %}


{# A finite double out of a text. #}
{% macro text_to_double(text, allows_exponent=true) -%}
    case
        when {{ lead_scoring.matches_regex(text, lead_scoring.plain_number_pattern(allows_exponent)) }}
            and abs({{ dbt.safe_cast(text, 'double') }}) < 1e300
            then {{ dbt.safe_cast(text, 'double') }}
    end
{%- endmacro %}


{# A whole number out of a text; `12.0` is one, `12.5` is not. #}
{% macro text_to_integer(text, type='bigint') -%}
    case
        when {{ lead_scoring.matches_regex(text, "'^[+-]?[0-9]+([.]0*)?$'") }}
            then {{ dbt.safe_cast(text, type) }}
    end
{%- endmacro %}


{# A boolean out of a text: true, t, yes, y, 1 and their opposites. #}
{% macro text_to_boolean(text) -%}
    case
        when lower({{ text }}) in ('true', 't', 'yes', 'y', '1') then true
        when lower({{ text }}) in ('false', 'f', 'no', 'n', '0') then false
    end
{%- endmacro %}


{# A date out of `YYYY-MM-DD`; a time behind it is left off. There is no year 0: an engine makes it one before Christ, which no client can read. #}
{% macro text_to_date(text) -%}
    case
        when {{ lead_scoring.matches_regex(text, "'^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ].*)?$'") }} and {{ text }} not like '0000%'
            then {{ dbt.safe_cast('substring(' ~ text ~ ", 1, 10)", 'date') }}
    end
{%- endmacro %}


{# A UTC timestamp out of an ISO text, with or without offset (none is UTC), or out of seconds, milliseconds or microseconds since 1970. #}
{% macro text_to_timestamp(text) -%}
    {{ adapter.dispatch('text_to_timestamp', 'lead_scoring')(text) }}
{%- endmacro %}

{% macro default__text_to_timestamp(text) -%}
    to_utc_timestamp(try_to_timestamp({{ text }}), current_timezone())
{%- endmacro %}

{% macro duckdb__text_to_timestamp(text) -%}
    {#- One that a clock on earth has. #}
    {%- set offset = "([zZ]|UTC|[+-](0[0-9]|1[0-3])(:?[0-5][0-9])?|[+-]14(:?00)?)" %}
    case
        when regexp_matches({{ text }}, '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?$')
            then try_cast({{ text }} as timestamp)
        when regexp_matches({{ text }}, '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[T ][0-9]{1,2}:[0-9]{2}:[0-9]{2}([.][0-9]+)? ?{{ offset }}$')
            then {{ lead_scoring.duckdb__time_with_offset(text) }}
        {#- The engine reads no offset behind minutes, as in `2026-03-01T10:00Z`. #}
        when regexp_matches({{ text }}, '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[T ][0-9]{1,2}:[0-9]{2} ?{{ offset }}$')
            then {{ lead_scoring.duckdb__time_with_offset("regexp_replace(" ~ text ~ ", '([T ][0-9]{1,2}:[0-9]{2})', '\\1:00')") }}
        when regexp_matches({{ text }}, '^[0-9]{9,10}([.][0-9]+)?$')
            then make_timestamp(cast(cast({{ text }} as decimal(38, 6)) * 1000000 as bigint))
        when regexp_matches({{ text }}, '^[0-9]{12,13}$') then make_timestamp(cast({{ text }} as bigint) * 1000)
        when regexp_matches({{ text }}, '^[0-9]{15,16}$') then make_timestamp(cast({{ text }} as bigint))
    end
{%- endmacro %}


{# A time with seconds and offset, as UTC. The engine wants the offset without a space before it, and its minutes after a colon. #}
{% macro duckdb__time_with_offset(text) -%}
    timezone('UTC', try_cast(
        regexp_replace(
            replace(replace(regexp_replace({{ text }}, ' ?(UTC|[zZ])$', '+00'), ' +', '+'), ' -', '-'), '([+-][0-9]{2})([0-9]{2})$', '\1:\2'
        ) as timestamptz
    ))
{%- endmacro %}
