{# What a run keeps for the next one, and whether the next one may go on from it. docs/state.md says why it is cut like this.

   Models tagged `state` hold what was made of the events. A run may go on from them when the run before ended with all of them whole, and nothing that decides
   what they hold has changed but the raw files: then it is a day run, which looks again at the events in question only. Any other run makes them all anew. #}

{# Whether this run goes on from the state of the run before. False on engines that cannot tell which raw files are new, and in unit tests. #}
{% macro is_day_run() -%}
    {%- if not execute or flags.FULL_REFRESH or flags.WHICH not in ('build', 'run') or model.resource_type == 'unit_test' -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(adapter.dispatch('is_day_run', 'lead_scoring')()) }}
{%- endmacro %}

{% macro default__is_day_run() -%}
    {{ return(false) }}
{%- endmacro %}

{% macro duckdb__is_day_run() -%}
    {{ return(run_query('select is_day_run from state.this_run').rows[0][0]) }}
{%- endmacro %}


{# A state table as the run before left it, named without a `ref`: whoever reads it runs before the model that brings it up to date. For day runs only. #}
{% macro as_left(model_name) -%}
    {%- if execute -%}
        {%- set node = graph.nodes.values() | selectattr('name', 'equalto', model_name) | selectattr('resource_type', 'equalto', 'model') | first -%}
        {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) }}
    {%- endif -%}
    {{ return(model_name) }}
{%- endmacro %}


{# Run before a state table takes its new rows in: forgets those of its rows that the condition names on a day run, and all of them on any other run. #}
{% macro forget(relation, condition) -%}
    {%- if execute and not flags.FULL_REFRESH and load_relation(relation) -%}
        delete from {{ relation }}{{ ' where ' ~ condition if lead_scoring.is_day_run() }}
    {%- endif -%}
{%- endmacro %}


{# Run before the first state table changes: until the run has ended there is no state that another could go on from. #}
{% macro begin_state() -%}
    {%- if execute -%}{{ adapter.dispatch('begin_state', 'lead_scoring')() }}{%- endif -%}
{%- endmacro %}

{% macro default__begin_state() -%}
    select 1
{%- endmacro %}

{% macro duckdb__begin_state() -%}
    delete from state.last_run
{%- endmacro %}


{# At the start of a run: compares what decides the state, and the raw files, with those of the run that made the state. #}
{% macro prepare_state() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {{ adapter.dispatch('prepare_state', 'lead_scoring')() }}
    {%- endif -%}
{%- endmacro %}

{% macro default__prepare_state() -%}
    select 1
{%- endmacro %}

{% macro duckdb__prepare_state() -%}
    {%- do run_query('create schema if not exists state') -%}
    {%- do run_query('create table if not exists state.last_run (fingerprint string)') -%}
    {%- do run_query('create table if not exists state.raw_files (source string, raw_file string, bytes bigint, modified_at timestamp)') -%}
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
        'create or replace table state.raw_files_found as select * from state.raw_files where false'
        ~ (' union ' ~ listings | join(' union ') if listings)
    ) -%}
    {%- do run_query(
        'create or replace table state.raw_files_changed as select distinct source, raw_file from ('
        ~ '(from state.raw_files_found except from state.raw_files) union all (from state.raw_files except from state.raw_files_found))'
    ) -%}
    {%- set missing = [] -%}
    {%- for node in lead_scoring.state_nodes() -%}
        {%- if not adapter.get_relation(node.database, node.schema, node.alias) -%}{%- do missing.append(node.name) -%}{%- endif -%}
    {%- endfor -%}
    {%- do run_query(
        'create or replace table state.this_run as select ' ~ lead_scoring.duckdb__quoted_text(lead_scoring.duckdb__state_fingerprint()) ~ ' as fingerprint, '
        ~ ('false' if missing else 'exists (select 1 from state.last_run where fingerprint = ' ~ lead_scoring.duckdb__quoted_text(lead_scoring.duckdb__state_fingerprint()) ~ ')')
        ~ ' as is_day_run'
    ) -%}
    select 1
{%- endmacro %}


{# At the end of a run: where all state tables were brought up to date, the next run may go on from here. #}
{% macro finish_state(results) -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {{ adapter.dispatch('finish_state', 'lead_scoring')(results) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__finish_state(results) -%}
    select 1
{%- endmacro %}

{% macro duckdb__finish_state(results) -%}
    {%- set built = results | selectattr('status', 'equalto', 'success') | map(attribute='node.unique_id') | list -%}
    {%- if lead_scoring.state_nodes() | map(attribute='unique_id') | reject('in', built) | list | length == 0 -%}
        {%- do run_query('create or replace table state.raw_files as from state.raw_files_found') -%}
        {%- do run_query('create or replace table state.last_run as select fingerprint from state.this_run') -%}
    {%- endif -%}
    select 1
{%- endmacro %}


{# The models that hold state. #}
{% macro state_nodes() -%}
    {%- set nodes = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and 'state' in node.tags -%}{%- do nodes.append(node) -%}{%- endfor -%}
    {{ return(nodes) }}
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
            {%- do parts.append(node.name ~ node.checksum.checksum) -%}
        {%- elif node.resource_type == 'model' and node.name in seeds -%}
            {# What a model of the user's own says of the event types is not known before it is built. #}
            {%- do parts.append(invocation_id) -%}
        {%- elif node.resource_type == 'model' and (node.package_name != 'lead_scoring' or node.fqn[1] == 'staging' or node.fqn[1] == 'intermediate' and node.fqn[2] in folders) -%}
            {%- do parts.append(node.name ~ node.checksum.checksum) -%}
        {%- endif -%}
    {%- endfor -%}
    {# dbt does not tell what macros say, so their files are read, in this project or where it is installed. #}
    {%- for folder in ('/macros/', '/dbt_packages/lead_scoring/macros/') -%}
        {%- for row in run_query("select filename, md5(content) from read_text(" ~ lead_scoring.duckdb__quoted_text(flags.PROJECT_DIR ~ folder ~ '**/*.sql') ~ ')').rows -%}
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
    {{ return(local_md5(parts | sort | join('|'))) }}
{%- endmacro %}


{# A condition on event rows: whether a day run reads the row anew. Of the sources in lead_scoring_rowwise_sources those in files that are new, changed or gone;
   of any other source all rows, as soon as one of its files changed: what such a source says of an event may hang on its other tables. #}
{% macro is_read_again() -%}
    {%- if not execute -%}{{ return('true') }}{%- endif -%}
    {%- set changed = run_query('select source, raw_file from state.raw_files_changed order by all').rows -%}
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


{# What the day buckets forget before they take in: on a day run those of rules that are gone, of the dates touched, and, where something counts once a lead or
   once a value, of the leads touched. #}
{% macro forget_matches(relation) -%}
    {%- set condition -%}
        match_id not in (select match_id from {{ ref('int_matchers') }} where scope = 'event')
        or exists (
            select 1 from {{ ref('int_days_touched') }} as days_touched
            where days_touched.lead_id = {{ relation }}.lead_id and days_touched.occurred_on = {{ relation }}.occurred_on
        )
        or lead_id in (select lead_id from {{ ref('int_days_touched') }})
        and match_id in (select match_id from {{ ref('int_matchers') }} where scope = 'event' and count_once_per <> 'day')
    {%- endset -%}
    {{ lead_scoring.forget(relation, condition) }}
{%- endmacro %}
