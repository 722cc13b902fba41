{# Which run the database holds whole, and from which publication on the log is under reserve, on DuckDB: two tables in the schema `runs`. #}

{% macro duckdb__open_publication() -%}
    {%- set log = graph.nodes.values() | selectattr('name', 'equalto', 'int_scores_published') | first -%}
    {%- set log = adapter.get_relation(log.database, log.schema, log.alias) -%}
    {%- do run_query('create schema if not exists runs') -%}
    {%- if log -%}{%- do lead_scoring.duckdb__remember_segments(log) -%}{%- endif -%}
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


{# Gives a log of before segments had a memory what was held: the band, since the first date of its stint. Without it everybody would have entered today's segment when
   their score changed last, and every action would be due once more. #}
{% macro duckdb__remember_segments(log) -%}
    {# Asked in SQL: what the adapter asks by itself opens a transaction, which a hook does not end. #}
    {%- set columns = run_query('describe ' ~ log).columns[0].values() -%}
    {%- if 'held_segment' not in columns -%}
        {%- for column, type in {'held_segment': 'string', 'held_reason': 'string', 'entered_on': 'date'}.items() -%}
            {%- do run_query('alter table ' ~ log ~ ' add column if not exists ' ~ column ~ ' ' ~ type) -%}
        {%- endfor -%}
        {%- set remembered -%}
            with entries as (
                select *, lead(published_on) over (partition by lead_id, score_model order by publication) as next_published_on
                from {{ log }}
            ),
            compared as (
                select *, lag(segment) over (partition by lead_id, score_model order by publication) as previous_segment
                from entries
                where next_published_on is null or next_published_on <> published_on
            ),
            stints as (
                select *, count(case when is_gone or previous_segment is null or previous_segment <> segment then 1 end)
                    over (partition by lead_id, score_model order by publication) as stint
                from compared
            ),
            remembered as (
                select lead_id, score_model, publication,
                    first_value(segment_reason) over (partition by lead_id, score_model, stint order by publication) as held_reason,
                    min(published_on) over (partition by lead_id, score_model, stint) as entered_on
                from stints
                where not is_gone
            )
            update {{ log }} as log
            set held_segment = log.segment, held_reason = remembered.held_reason, entered_on = remembered.entered_on
            from remembered
            where log.lead_id = remembered.lead_id and log.score_model = remembered.score_model and log.publication = remembered.publication
        {%- endset -%}
        {%- do run_query(remembered) -%}
        {# What a later publication of the same date corrected. #}
        {%- do run_query('update ' ~ log ~ ' set held_segment = segment, held_reason = segment_reason, entered_on = published_on where held_segment is null and not is_gone') -%}
    {%- endif -%}
{%- endmacro %}
