{# Makes the outcomes of pushes (docs/activation.md) readable as `raw_activation.outcomes`: one row per line of the files of `<database>_activation/outcomes`, or of the
   folder that LEAD_SCORING_ACTIVATION names. A line that a killed push did not finish is no row. On another engine a table of that name is expected. #}
{% macro register_outcomes() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'test', 'show', 'seed') and not var('lead_scoring_restated_days') -%}
        {{ adapter.dispatch('register_outcomes', 'lead_scoring')() }}
    {%- endif -%}
{%- endmacro %}

{% macro default__register_outcomes() -%}
    select 1
{%- endmacro %}

{% macro duckdb__register_outcomes() -%}
    {%- set columns = {
        'told_at': 'timestamp', 'push_id': 'string', 'destination': 'string', 'kind': 'string', 'list_id': 'string', 'key': 'string', 'lead_id': 'string',
        'op': 'string', 'op_id': 'string', 'payload_hash': 'string', 'status': 'string', 'reason': 'string',
    } -%}
    {%- set files = run_query('select file from glob(' ~ lead_scoring.duckdb__quoted_path(lead_scoring.duckdb__activation_folder(), '/outcomes/*.jsonl') ~ ') order by file').columns[0].values() -%}
    {%- set typed = [] -%}
    {%- for column, type in columns.items() -%}{%- do typed.append(column ~ ": '" ~ type ~ "'" if files else 'cast(null as ' ~ type ~ ') as ' ~ column) -%}{%- endfor -%}
    {%- do run_query('create schema if not exists raw_activation') -%}
    {%- if files -%}
        {%- set paths = [] -%}
        {%- for file in files -%}{%- do paths.append(lead_scoring.duckdb__quoted_path(file)) -%}{%- endfor -%}
        {%- do run_query(
            'create or replace view raw_activation.outcomes as select ' ~ columns.keys() | join(', ') ~ ' from read_json([' ~ paths | join(', ') ~ '], columns = {'
            ~ typed | join(', ') ~ "}, format = 'newline_delimited', ignore_errors = true) where op_id is not null"
        ) -%}
    {%- else -%}
        {%- do run_query('create or replace view raw_activation.outcomes as select ' ~ typed | join(', ') ~ ' where false') -%}
    {%- endif -%}
    select 1
{%- endmacro %}


{# Where the outcomes are, beside the database. #}
{% macro duckdb__activation_folder() -%}
    {%- set path = target.path or '' -%}
    {{- env_var('LEAD_SCORING_ACTIVATION', '') or ((path[:-7] if path.endswith('.duckdb') else path) ~ '_activation') -}}
{%- endmacro %}
