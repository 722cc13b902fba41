{# What SQL of a run may read and write on DuckDB, said after the raw files are known and before the first model: the raw folder, the project and the database's folder.
   No statement can take it back. A raw file that is a link to somewhere else is refused, since a link is a way out. #}
{% macro lock_down() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'test', 'seed', 'show') -%}
        {{ adapter.dispatch('lock_down', 'lead_scoring')() }}
    {%- endif -%}
{%- endmacro %}

{% macro default__lock_down() -%}
    select 1
{%- endmacro %}

{% macro duckdb__lock_down() -%}
    {%- if not var('lead_scoring_external_access') and run_query("select current_setting('enable_external_access')").rows[0][0] -%}
        {%- set project = invocation_args_dict.get('project_dir') or '.' -%}
        {%- set folders = [env_var('LEAD_SCORING_RAW', 'sample/raw'), project, project ~ '/dbt_packages/lead_scoring', (target.path or '').split('/')[:-1] | join('/') or '.', lead_scoring.duckdb__activation_folder()] -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'seed' -%}{%- do folders.append(node.root_path) -%}{%- endfor -%}
        {%- set quoted = [] -%}
        {%- for folder in folders | unique -%}{%- do quoted.append(lead_scoring.duckdb__quoted_text(folder)) -%}{%- endfor -%}
        {%- do run_query('set allowed_directories = [' ~ quoted | join(', ') ~ ']') -%}
        {%- do run_query('set enable_external_access = false') -%}
    {%- endif -%}
    select 1
{%- endmacro %}
