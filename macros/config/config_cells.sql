{# How a seed becomes a table: the three selects that every stg_config__* model is made of.
   `columns` says of each column of the seed what its cells hold, in words of which the first is the kind:
     text            anything
     word            a word of a vocabulary, in lower case
     field           a word too, but the key behind `properties.` and the rule behind `days_since_rule.` stay as they are written
     decimal         decimal(10, 4), plainly written: what would have to be rounded is not read
     int, date, boolean
   and the others, in any order:
     key             with the other key columns it names the row; required unless `optional`
     required        not empty
     positive        above 0
     not_negative    0 or above #}

{# The cells as text without white space at both ends, blank ones null; of a seed that presets have rows for, those of the presets that are on as well.
   `file` is the file to look into: the seed's, or that of the relation named in its stead. #}
{% macro trimmed_cells(seed, columns) -%}
    {%- set parts = [(lead_scoring.config_file(seed), lead_scoring.config_relation(seed), none)] -%}
    {%- if seed in lead_scoring.preset_seeds() -%}
        {# Named whatever is on, so that the graph does not depend on a variable. #}
        {%- set preset = 'preset_' ~ seed -%}
        {%- set relation = lead_scoring.config_relation(preset) -%}
        {%- if lead_scoring.presets_named() -%}
            {%- do parts.append((lead_scoring.config_file(preset), relation, lead_scoring.is_preset_on('score_model'))) -%}
        {%- endif -%}
    {%- endif -%}
    {%- for file, relation, condition in parts %}
    select
        '{{ file }}' as file,
        {%- for column in columns %}
        nullif({{ lead_scoring.trimmed('cast(' ~ column ~ ' as string)') }}, '') as {{ column }}_cell{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    {{- '\n    where ' ~ condition if condition }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# Each cell typed, null where its text does not cast, beside its text. #}
{% macro typed_cells(cells, columns) -%}
    select
        {%- for column, words in columns.items() %}
        {{ lead_scoring.typed_cell(column ~ '_cell', words.split(' ')[0]) }} as {{ column }},
        {%- endfor %}
        {{ cells }}.*
    from {{ cells }}
{%- endmacro %}


{# The typed cells, an empty one as what `defaults` says it stands for, and what is wrong with them:
     row_key              the key cells but score_model and rule_id, as `segment=warm, trend=rising`
     unreadable_columns   the columns whose text does not cast, joined by commas
     cell_faults          what is wrong with single cells, as `points: 1o is no number; label: is missing` #}
{% macro judged_cells(cells, columns, defaults={}) -%}
    select
        file,
        {%- for column, words in columns.items() %}
        {{ lead_scoring.or_default(cells ~ '.' ~ column, defaults[column], words.split(' ')[0]) if column in defaults else column }}{{ ' as ' ~ column if column in defaults }},
        {%- endfor %}
        nullif(substring(concat(
            ''
            {%- for column, words in columns.items() if 'key' in words.split(' ') and column not in ('score_model', 'rule_id') %},
            coalesce(', {{ column }}=' || coalesce(cast({{ cells }}.{{ column }} as string), {{ column }}_cell), '')
            {%- endfor %}
        ), 3), '') as row_key,
        nullif(substring(concat(
            ''
            {%- for column, words in columns.items() if lead_scoring.kind_in_words(words) %},
            case when {{ column }}_cell is not null and {{ cells }}.{{ column }} is null then ',{{ column }}' else '' end
            {%- endfor %}
        ), 2), '') as unreadable_columns,
        nullif(substring(concat(
            ''
            {%- for column, words in columns.items() %}
            {{- lead_scoring.cell_fault(column, column ~ '_cell', cells ~ '.' ~ column, words) }}
            {%- endfor %}
        ), 3), '') as cell_faults
    from {{ cells }}
    -- An empty line, or one of commas only, is no row.
    where coalesce({{ columns.keys() | join('_cell, ') }}_cell, '') <> ''
{%- endmacro %}


{# One trimmed cell as its type. #}
{% macro typed_cell(cell, kind) -%}
    {%- if kind == 'text' -%}
        {{ cell }}
    {%- elif kind == 'word' -%}
        lower({{ cell }})
    {%- elif kind == 'field' -%}
        case
            when lower({{ cell }}) like 'properties.%' then 'properties.' || substring({{ cell }}, 12)
            when lower({{ cell }}) like 'days_since_rule.%' then 'days_since_rule.' || {{ lead_scoring.rule_of_field(cell) }}
            else lower({{ cell }})
        end
    {%- elif kind == 'decimal' -%}
        case when {{ lead_scoring.matches_regex(cell, "'^[+-]?([0-9]+[.]?|[0-9]*[.][0-9]{1,4}0*)$'") }} then {{ dbt.safe_cast(cell, 'decimal(10, 4)') }} end
    {%- elif kind == 'int' -%}
        {{ lead_scoring.text_to_integer(cell, 'int') }}
    {%- elif kind == 'date' -%}
        case when {{ cell }} like '____-__-__' then {{ lead_scoring.text_to_date(cell) }} end
    {%- elif kind == 'boolean' -%}
        {{ lead_scoring.text_to_boolean(cell) }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("typed_cell: unknown kind " ~ kind) }}
    {%- endif -%}
{%- endmacro %}


{# A typed cell, or what an empty one stands for. #}
{% macro or_default(typed, default, kind) -%}
    coalesce({{ typed }}, cast('{{ default }}' as {{ {'decimal': 'decimal(10, 4)', 'int': 'int'}.get(kind, 'string') }}))
{%- endmacro %}


{# The parts of a text expression that say what is wrong with a cell. A semicolon in the cell would end the part, so a comma stands for it. #}
{% macro cell_fault(column, cell, typed, words) -%}
    {%- set flags = words.split(' ')[1:] -%}
    {%- set is_required = 'required' in flags or ('key' in flags and 'optional' not in flags) -%}
    {%- set expected = lead_scoring.kind_in_words(words) -%}
    {%- set shown = "replace(substring(" ~ cell ~ ", 1, 60), ';', ',')" -%}
    {%- if is_required or expected %},
            case
                {%- if is_required %}
                when {{ cell }} is null then '; {{ column }}: is missing'
                {%- endif %}
                {%- if expected %}
                when {{ cell }} is not null and {{ typed }} is null then '; {{ column }}: ' || {{ shown }} || ' is no {{ expected }}'
                {%- endif %}
                {%- if 'positive' in flags %}
                when {{ typed }} <= 0 then '; {{ column }}: ' || {{ shown }} || ' is not above 0'
                {%- elif 'not_negative' in flags %}
                when {{ typed }} < 0 then '; {{ column }}: ' || {{ shown }} || ' is below 0'
                {%- endif %}
                else ''
            end
    {%- endif %}
{%- endmacro %}


{# What a cell should have held, for people; empty for kinds that take any text. #}
{% macro kind_in_words(words) -%}
    {{ {
        'decimal': 'number between -999999.9999 and 999999.9999 with at most four decimal places',
        'int': 'whole number',
        'date': 'date of the form YYYY-MM-DD',
        'boolean': 'true or false',
    }.get(words.split(' ')[0], '') }}
{%- endmacro %}
