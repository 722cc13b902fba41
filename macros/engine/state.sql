{# What keeps the state on DuckDB: the raw files that there were, and what decided the state, stand in the schema `runs`. #}

{% macro duckdb__is_day_run() -%}
    {{ return(run_query('select is_day_run from runs.this_run').rows[0][0]) }}
{%- endmacro %}

{% macro duckdb__begin_state() -%}
    delete from runs.last_run
{%- endmacro %}

{% macro duckdb__prepare_state() -%}
    {%- do run_query('create schema if not exists runs') -%}
    {# The mark of the command line that the seeds stand in the database as they are: whatever run comes, it may change them. #}
    {%- do run_query('create or replace table runs.prepared (fingerprint string)') -%}
    {%- if flags.WHICH == 'seed' -%}{{ return('select 1') }}{%- endif -%}
    {%- do run_query('create table if not exists runs.last_run (fingerprint string)') -%}
    {%- do run_query('create table if not exists runs.raw_files (source string, raw_file string, bytes bigint, modified_at timestamp)') -%}
    {%- set listings = [] -%}
    {%- for source_name in var('lead_scoring_sources') if lead_scoring.has_raw_tables(source_name) -%}
        {%- for depth in ('/*', '/*/*', '/**') -%}
            {%- do listings.append(
                "select '" ~ source_name ~ "' as source, filename as raw_file, size as bytes, cast(last_modified as timestamp) as modified_at from read_blob("
                ~ lead_scoring.duckdb__quoted_text(env_var('LEAD_SCORING_RAW', 'sample/raw') ~ '/' ~ source_name ~ depth) ~ ')'
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do run_query(
        'create or replace table runs.raw_files_found as select * from runs.raw_files where false'
        ~ (' union ' ~ listings | join(' union ') if listings)
    ) -%}
    {%- do run_query(
        'create or replace table runs.raw_files_changed as select distinct source, raw_file from ('
        ~ '(from runs.raw_files_found except from runs.raw_files) union all (from runs.raw_files except from runs.raw_files_found))'
    ) -%}
    {%- set missing = [] -%}
    {%- for node in lead_scoring.state_nodes() -%}
        {%- if not adapter.get_relation(node.database, node.schema, node.alias) -%}{%- do missing.append(node.name) -%}{%- endif -%}
    {%- endfor -%}
    {%- do run_query(
        'create or replace table runs.this_run as select ' ~ lead_scoring.duckdb__quoted_text(lead_scoring.duckdb__state_fingerprint()) ~ ' as fingerprint, '
        ~ ('false' if missing else 'exists (select 1 from runs.last_run where fingerprint = ' ~ lead_scoring.duckdb__quoted_text(lead_scoring.duckdb__state_fingerprint()) ~ ')')
        ~ ' as is_day_run'
    ) -%}
    select 1
{%- endmacro %}

{% macro duckdb__finish_state(results) -%}
    {%- set built = results | selectattr('status', 'equalto', 'success') | map(attribute='node.unique_id') | list -%}
    {%- if lead_scoring.state_nodes() | map(attribute='unique_id') | reject('in', built) | list | length == 0 -%}
        {%- do run_query('create or replace table runs.raw_files as from runs.raw_files_found') -%}
        {%- do run_query('create or replace table runs.last_run as select fingerprint from runs.this_run') -%}
    {%- endif -%}
    select 1
{%- endmacro %}

{# What decides the state beside the raw files: the models up to it and the macros, as they are written; the vars; the seeds that say which events there are.
   What the rules look for and give is not in it: that is compared piece by piece. #}
{% macro duckdb__state_fingerprint() -%}
    {%- set parts = [run_query('select version()').rows[0][0]] -%}
    {%- set seeds = [] -%}
    {%- for seed in ('event_types', 'source_event_types', 'cross_source_duplicates', 'tagged_links', 'words') -%}{%- do seeds.append(var('lead_scoring_' ~ seed, seed)) -%}{%- endfor -%}
    {%- set folders = ('events', 'identity', 'counting', 'matching', 'rules') -%}
    {%- for node in graph.nodes.values() -%}
        {%- if node.resource_type == 'seed' and node.name in seeds -%}
            {# As it stands there now: dbt's checksum of a large seed is its path. #}
            {%- do parts.append(node.name ~ run_query('select md5(content) from read_text(' ~ lead_scoring.duckdb__quoted_text(node.root_path ~ '/' ~ node.original_file_path) ~ ')').rows[0][0]) -%}
        {%- elif node.resource_type == 'model' and node.name in seeds -%}
            {# What a model of the user's own says of the event types is not known before it is built. #}
            {%- do parts.append(invocation_id) -%}
        {%- elif node.resource_type == 'model' and (node.package_name != 'lead_scoring' or node.fqn[1] == 'staging' or node.fqn[1] == 'intermediate' and node.fqn[2] in folders) -%}
            {%- do parts.append(node.name ~ node.checksum.checksum) -%}
        {%- endif -%}
    {%- endfor -%}
    {# dbt does not tell what macros say, so their files are read, in this project or where it is installed. #}
    {%- for folder in ('/macros/', '/dbt_packages/lead_scoring/macros/') -%}
        {%- for row in run_query("select parse_filename(filename), md5(content) from read_text(" ~ lead_scoring.duckdb__quoted_text(invocation_args_dict.get('project_dir', '.') ~ folder ~ '**/*.sql') ~ ')').rows -%}
            {%- do parts.append(row[0] ~ row[1]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for name in (
        'lead_scoring_sources', 'lead_scoring_staged', 'lead_scoring_event_tables', 'lead_scoring_own_models', 'known_at', 'scoring_timezone', 'lead_scoring_source_timezones',
        'lead_scoring_merge_doublings', 'lead_scoring_session_minutes', 'lead_scoring_snowplow_heartbeat_seconds', 'lead_scoring_snowplow_first_ping_seconds',
        'lead_scoring_raw_tables', 'lead_scoring_raw_schema',
    ) -%}
        {%- do parts.append(name ~ var(name) | string) -%}
    {%- endfor -%}
    {%- do parts.append('retained from ' ~ lead_scoring.retained_from_text()) -%}
    {{ return(local_md5(parts | sort | join('|'))) }}
{%- endmacro %}

{% macro duckdb__is_read_again() -%}
    {%- if not execute -%}{{ return('true') }}{%- endif -%}
    {%- set changed = run_query('select source, raw_file from runs.raw_files_changed order by all').rows -%}
    {%- set conditions = [] -%}
    {%- for source_name in var('lead_scoring_sources') -%}
        {%- set files = [] -%}
        {%- for row in changed if row[0] == source_name -%}{%- do files.append("'" ~ row[1] | replace("'", "''") ~ "'") -%}{%- endfor -%}
        {%- if 'events' in lead_scoring.own_models(source_name) or files and source_name not in var('lead_scoring_rowwise_sources') -%}
            {%- do conditions.append("source = '" ~ source_name ~ "'") -%}
        {%- elif files -%}
            {%- do conditions.append("source = '" ~ source_name ~ "' and raw_file in (" ~ files | join(', ') ~ ')') -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(conditions | join(' or ') or '1 = 0') }}
{%- endmacro %}
