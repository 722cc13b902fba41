{# Exact arithmetic: no result depends on floating point, so every engine and thread count gives the same digits.
   Roundings are half away from zero, which is what a cast between decimals does. #}

{# How many decimal places a quotient or a root is rounded to, before it is used. #}
{% macro quotient_scale() -%} 12 {%- endmacro %}


{# numerator / denominator as decimal(38,12), rounded; both are decimals or integers with at most 6 places, the denominator above 0. #}
{% macro divided(numerator, denominator) -%}
    {{ adapter.dispatch('divided', 'lead_scoring')(numerator, denominator) }}
{%- endmacro %}

{% macro default__divided(numerator, denominator) -%}
    cast(cast({{ numerator }} as decimal(24, 6)) / cast({{ denominator }} as decimal(24, 6)) as decimal(38, 12))
{%- endmacro %}

{# Integer arithmetic on millionths: a decimal quotient would be a double on DuckDB. #}
{% macro duckdb__divided(numerator, denominator) -%}
    cast(
        cast(
            sign({{ numerator }}) * divide(
                2 * cast(abs({{ numerator }}) * 1000000 as hugeint) * 1000000000000 + cast({{ denominator }} * 1000000 as hugeint),
                2 * cast({{ denominator }} * 1000000 as hugeint)
            ) as decimal(38, 0)
        ) * cast(0.000000000001 as decimal(12, 12)) as decimal(38, 12)
    )
{%- endmacro %}


{# The square root of a decimal(.., 12) between 0 and 1, rounded to 12 places. The double is a guess that the squares of its neighbours' edges correct. #}
{% macro square_root(value) -%}
    {{ adapter.dispatch('square_root', 'lead_scoring')(value) }}
{%- endmacro %}

{% macro default__square_root(value) -%}
    cast(sqrt(cast({{ value }} as double)) as decimal(13, 12))
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


{# The value, not below the lower and not above the upper bound, as decimal(18,6); a bound that is null does not bind. #}
{% macro clipped(value, lower_bound, upper_bound) -%}
    cast(least(greatest({{ value }}, coalesce({{ lower_bound }}, {{ value }})), coalesce({{ upper_bound }}, {{ value }})) as decimal(18, 6))
{%- endmacro %}
