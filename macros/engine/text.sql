{# Unicode's White_Space property, as a character class. #}
{% macro white_space_class() -%}
    \x{0009}-\x{000D}\x{0020}\x{0085}\x{00A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}
{%- endmacro %}


{# The characters without width that stick to addresses copied from web pages. #}
{% macro zero_width_class() -%}
    \x{200B}\x{200C}\x{200D}\x{2060}\x{FEFF}
{%- endmacro %}


{# The text without what the character class names at both ends. #}
{% macro trim_class(text, class) -%}
    {{ adapter.dispatch('trim_class', 'lead_scoring')(text, class) }}
{%- endmacro %}

{% macro default__trim_class(text, class) -%}
    regexp_replace({{ text }}, '^[{{ class }}]+|[{{ class }}]+$', '')
{%- endmacro %}

{% macro duckdb__trim_class(text, class) -%}
    regexp_replace({{ text }}, '^[{{ class }}]+|[{{ class }}]+$', '', 'g')
{%- endmacro %}


{# The text without white space at both ends. #}
{% macro trimmed(text) -%}
    {{ lead_scoring.trim_class(text, lead_scoring.white_space_class()) }}
{%- endmacro %}


{# The text, or null where it is white space only. #}
{% macro blank_to_null(text) -%}
    case when {{ lead_scoring.matches_regex(text, "'[^" ~ lead_scoring.white_space_class() ~ "]'") }} then {{ text }} end
{%- endmacro %}


{# The form in which texts are compared: without white space at both ends, in lower case. #}
{% macro comparable(text) -%}
    lower({{ lead_scoring.trimmed(text) }})
{%- endmacro %}


{# Whether the regular expression (RE2 syntax, a SQL expression) is found anywhere in the text. #}
{% macro matches_regex(text, pattern) -%}
    {{ adapter.dispatch('matches_regex', 'lead_scoring')(text, pattern) }}
{%- endmacro %}

{% macro default__matches_regex(text, pattern) -%}
    regexp_like({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro duckdb__matches_regex(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}


{# Whether a text compiles as a regular expression; false for null. #}
{% macro is_regex(pattern) -%}
    {{ adapter.dispatch('is_regex', 'lead_scoring')(pattern) }}
{%- endmacro %}

{% macro default__is_regex(pattern) -%}
    {{ pattern }} is not null
{%- endmacro %}

{% macro duckdb__is_regex(pattern) -%}
    try(regexp_matches('', {{ pattern }})) is not null
{%- endmacro %}


{# Unicode's composed form (NFC). #}
{% macro composed(text) -%}
    {{ adapter.dispatch('composed', 'lead_scoring')(text) }}
{%- endmacro %}

{% macro default__composed(text) -%}
    {{ text }}
{%- endmacro %}

{% macro duckdb__composed(text) -%}
    nfc_normalize({{ text }})
{%- endmacro %}


{# One row per part of a text that a one-character separator divides; to be used in a select list. #}
{% macro split_to_rows(text, separator) -%}
    {{ adapter.dispatch('split_to_rows', 'lead_scoring')(text, separator) }}
{%- endmacro %}

{% macro default__split_to_rows(text, separator) -%}
    explode(split({{ text }}, '[{{ separator }}]'))
{%- endmacro %}

{% macro duckdb__split_to_rows(text, separator) -%}
    unnest(string_split({{ text }}, '{{ separator }}'))
{%- endmacro %}


{# The texts of a group in ascending order, joined; null for none. #}
{% macro joined_in_order(text, separator, order_by=none) -%}
    {{ adapter.dispatch('joined_in_order', 'lead_scoring')(text, separator, order_by or text) }}
{%- endmacro %}

{% macro default__joined_in_order(text, separator, order_by) -%}
    array_join(transform(array_sort(collect_list(struct({{ order_by }} as sort_key, {{ text }} as item))), pair -> pair.item), '{{ separator }}')
{%- endmacro %}

{% macro duckdb__joined_in_order(text, separator, order_by) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}


{# All columns of a row, by its alias, as one text. #}
{% macro row_text(alias) -%}
    {{ adapter.dispatch('row_text', 'lead_scoring')(alias) }}
{%- endmacro %}

{% macro default__row_text(alias) -%}
    to_json(struct({{ alias }}.*))
{%- endmacro %}

{% macro duckdb__row_text(alias) -%}
    cast(to_json({{ alias }}) as string)
{%- endmacro %}


{# A 64-bit hash of a text, to find equal texts by: different texts may share one, so whoever finds them compares the texts. #}
{% macro text_hash(text) -%}
    {{ adapter.dispatch('text_hash', 'lead_scoring')(text) }}
{%- endmacro %}

{% macro default__text_hash(text) -%}
    xxhash64({{ text }})
{%- endmacro %}

{% macro duckdb__text_hash(text) -%}
    cast(hash({{ text }}) >> 1 as bigint)
{%- endmacro %}
