{# Exact arithmetic: no result depends on floating point, so every engine and thread count gives the same digits.
   Roundings are half away from zero, which is what a cast between decimals does. #}

{# How many decimal places a quotient or a root is rounded to, before it is used. #}
{% macro quotient_scale() -%} 12 {%- endmacro %}


{# numerator / denominator as decimal(38,12), rounded; both are decimals or integers below 1e12 with at most 10 places, the denominator above 0. #}
{% macro divided(numerator, denominator) -%}
    {{ adapter.dispatch('divided', 'lead_scoring')(numerator, denominator) }}
{%- endmacro %}

{% macro default__divided(numerator, denominator) -%}
    cast(cast({{ numerator }} as decimal(22, 10)) / cast({{ denominator }} as decimal(22, 10)) as decimal(38, 12))
{%- endmacro %}

{# Integer arithmetic on ten-billionths: a decimal quotient would be a double on DuckDB. #}
{% macro duckdb__divided(numerator, denominator) -%}
    cast(
        cast(
            sign({{ numerator }}) * divide(
                2 * cast(cast(abs({{ numerator }}) as decimal(38, 10)) * 10000000000 as hugeint) * 1000000000000
                + cast(cast({{ denominator }} as decimal(38, 10)) * 10000000000 as hugeint),
                2 * cast(cast({{ denominator }} as decimal(38, 10)) * 10000000000 as hugeint)
            ) as decimal(38, 0)
        ) * cast(0.000000000001 as decimal(12, 12)) as decimal(38, 12)
    )
{%- endmacro %}


{# The mean or the share of so many as decimal(18,6): rounded to 12 places and then to 6, as all quotients are. The numerator has at most 6 places, the denominator is
   a whole number above 0. #}
{% macro ratio(numerator, denominator) -%}
    {{ adapter.dispatch('ratio', 'lead_scoring')(numerator, denominator) }}
{%- endmacro %}

{% macro default__ratio(numerator, denominator) -%}
    cast({{ lead_scoring.divided(numerator, denominator) }} as decimal(18, 6))
{%- endmacro %}

{# What fits into 64 bits is divided in 64 bits: a division in 128 bits takes a hundred times as long. #}
{% macro duckdb__ratio(numerator, denominator) -%}
    case
        when {{ numerator }} between 0 and 4000000 and {{ denominator }} <= 1000000000
            then cast(
                cast(divide(
                    divide(2 * cast({{ numerator }} * 1000000 as bigint) * 1000000 + cast({{ denominator }} as bigint), 2 * cast({{ denominator }} as bigint)) + 500000,
                    1000000
                ) as decimal(18, 0)) * cast(0.000001 as decimal(6, 6)) as decimal(18, 6)
            )
        else cast({{ lead_scoring.divided(numerator, denominator) }} as decimal(18, 6))
    end
{%- endmacro %}


{# The square root of a decimal(.., 12) between 0 and 1, rounded to 12 places. A double is only a guess in trillionths; the squares of the edges of
   its interval, which are exact, say whether one more or one less is right. #}
{% macro square_root(value) -%}
    {%- set guess = 'cast(sqrt(cast(' ~ value ~ ' as double)) * 1e12 as decimal(19, 0))' -%}
    {%- set squared = 'cast(' ~ value ~ ' * 1000000000000 as decimal(19, 0)) * cast(4000000000000 as decimal(19, 0))' -%}
    cast((
        {{ guess }} + case
            when (2 * {{ guess }} + 1) * (2 * {{ guess }} + 1) <= {{ squared }} then 1
            when {{ guess }} > 0 and (2 * {{ guess }} - 1) * (2 * {{ guess }} - 1) > {{ squared }} then -1
            else 0
        end
    ) * cast(0.000000000001 as decimal(12, 12)) as decimal(38, 12))
{%- endmacro %}


{# The whole part of a non-negative quotient of integers. #}
{% macro whole_quotient(numerator, denominator) -%}
    {{ adapter.dispatch('whole_quotient', 'lead_scoring')(numerator, denominator) }}
{%- endmacro %}

{% macro default__whole_quotient(numerator, denominator) -%}
    ({{ numerator }} div {{ denominator }})
{%- endmacro %}

{% macro duckdb__whole_quotient(numerator, denominator) -%}
    divide({{ numerator }}, {{ denominator }})
{%- endmacro %}


{# The value, not below the lower and not above the upper bound, as decimal(18,6); a bound that is null does not bind: `least` and
   `greatest` pass over nulls, here and on Spark. #}
{% macro clipped(value, lower_bound, upper_bound) -%}
    cast(least(greatest({{ value }}, {{ lower_bound }}), {{ upper_bound }}) as decimal(18, 6))
{%- endmacro %}


{# Whether a double is a number that can be reckoned with. Not a number compares as larger than any number. #}
{% macro is_finite(number) -%}
    abs({{ number }}) < 1e300
{%- endmacro %}


{# The names of the columns of a row that cannot be read, and that of a column of doubles where it holds no finite number. #}
{% macro and_infinite(unreadable_columns, column) -%}
    nullif(concat_ws(',', {{ unreadable_columns }}, case when {{ column }} is not null and not {{ lead_scoring.is_finite(column) }} then '{{ column }}' end), '')
{%- endmacro %}


{# Points as a person reads them: with one place where it says something, and none where it does not. #}
{% macro points_in_words(points) -%}
    case
        when cast({{ points }} as decimal(18, 1)) = cast({{ points }} as decimal(18, 0)) then cast(cast({{ points }} as decimal(18, 0)) as string)
        else cast(cast({{ points }} as decimal(18, 1)) as string)
    end
{%- endmacro %}


{# One end of Wilson's interval (1927) that holds a share in 95 of 100 cases, as decimal(18,6); side is - for the lower and + for the upper end, trials is above 0.
   Doubles, but only with what IEEE 754 rounds alike everywhere: the four operations and the root. #}
{% macro wilson_bound(successes, trials, side) -%}
    {%- set z = 'cast(1.959964 as double)' -%}
    {%- set n = 'cast(' ~ trials ~ ' as double)' -%}
    {%- set k = 'cast(' ~ successes ~ ' as double)' -%}
    cast(
        greatest(0, least(1, ({{ k }} + {{ z }} * {{ z }} / 2 {{ side }} {{ z }} * sqrt({{ k }} * ({{ n }} - {{ k }}) / {{ n }} + {{ z }} * {{ z }} / 4)) / ({{ n }} + {{ z }} * {{ z }})))
        as decimal(18, 6)
    )
{%- endmacro %}
