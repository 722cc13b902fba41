{# Which run the database holds whole, and from which publication on the log is under reserve, on DuckDB: two tables in the schema `runs`. #}

{% macro duckdb__open_publication() -%}
    {%- set log = graph.nodes.values() | selectattr('name', 'equalto', 'int_scores_published') | first -%}
    {%- set log = adapter.get_relation(log.database, log.schema, log.alias) -%}
    {%- do run_query('create schema if not exists runs') -%}
    {# A log of before segments had a memory. #}
    {%- if log -%}{%- for column, type in {'held_segment': 'string', 'held_reason': 'string', 'entered_on': 'date'}.items() -%}{%- do run_query('alter table ' ~ log ~ ' add column if not exists ' ~ column ~ ' ' ~ type) -%}{%- endfor -%}{%- endif -%}
    {%- do run_query('create or replace table runs.complete (run_id string, as_of_date date, is_question boolean, marts string[])') -%}
    {%- do run_query('create table if not exists runs.awaited (publication int)') -%}
    {%- if log -%}{%- do run_query('delete from ' ~ log ~ ' where publication > (select min(publication) from runs.awaited)') -%}{%- endif -%}
    {%- do run_query('delete from runs.awaited') -%}
    {%- if env_var('LEAD_SCORING_AWAITS_PUBLICATION', '') -%}
        {%- do run_query('insert into runs.awaited select ' ~ ('coalesce(max(publication), 0) from ' ~ log if log else '0')) -%}
    {%- endif -%}
    select 1
{%- endmacro %}

{% macro duckdb__complete_run(marts) -%}
    {# By name: a mart that was switched off since would else be published as it was left. #}
    {%- set names = [] -%}
    {%- for node in marts -%}{%- do names.append(lead_scoring.duckdb__quoted_text(node.alias)) -%}{%- endfor -%}
    {%- do run_query(
        'insert into runs.complete values (' ~ lead_scoring.duckdb__quoted_text(invocation_id) ~ ', ' ~ lead_scoring.as_of_date() ~ ', '
        ~ ('true' if var('known_at') else 'false') ~ ', [' ~ names | sort | join(', ') ~ '])'
    ) -%}
    select 1
{%- endmacro %}
