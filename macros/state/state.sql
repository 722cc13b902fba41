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


{# Run before the first state table changes: until the run has ended there is no state that another could go on from. What cannot be gone on from is dropped, not
   emptied: another version of the project may keep other columns. #}
{% macro begin_state() -%}
    {%- if execute -%}
        {%- if not lead_scoring.is_day_run() -%}
            {%- for node in lead_scoring.state_nodes() if node.config.materialized == 'incremental' -%}
                {%- set relation = adapter.get_relation(node.database, node.schema, node.alias) -%}
                {%- if relation -%}{%- do adapter.drop_relation(relation) -%}{%- endif -%}
            {%- endfor -%}
        {%- endif -%}
        {{ adapter.dispatch('begin_state', 'lead_scoring')() }}
    {%- endif -%}
{%- endmacro %}

{% macro default__begin_state() -%}
    select 1
{%- endmacro %}


{# At the start of a run: compares what decides the state, and the raw files, with those of the run that made the state. #}
{% macro prepare_state() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed') -%}
        {{ adapter.dispatch('prepare_state', 'lead_scoring')() }}
    {%- endif -%}
{%- endmacro %}

{% macro default__prepare_state() -%}
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


{# The models that hold state. #}
{% macro state_nodes() -%}
    {%- set nodes = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and 'state' in node.tags -%}{%- do nodes.append(node) -%}{%- endfor -%}
    {{ return(nodes) }}
{%- endmacro %}


{# A condition on event rows: whether a day run reads the row anew. Of the sources in lead_scoring_rowwise_sources those in files that are new, changed or gone;
   of any other source all rows, as soon as one of its files changed: what such a source says of an event may hang on its other tables. #}
{% macro is_read_again() -%}
    {{ return(adapter.dispatch('is_read_again', 'lead_scoring')()) }}
{%- endmacro %}

{% macro default__is_read_again() -%}
    {{ return('true') }}
{%- endmacro %}


{# What the day buckets forget before they take in: on a day run those of rules that are gone, of the dates touched, and, where something counts once a lead or
   once a value, of the leads touched. (`exists` in a condition with `or` made DuckDB collect the keys of all buckets first.) #}
{% macro forget_matches(relation) -%}
    {%- set condition -%}
        match_id not in (select match_id from {{ ref('int_matchers') }} where scope = 'event')
        or (lead_id, occurred_on) in (select (lead_id, occurred_on) from {{ ref('int_days_touched') }})
        or lead_id in (select lead_id from {{ ref('int_days_touched') }})
        and match_id in (select match_id from {{ ref('int_matchers') }} where scope = 'event' and count_once_per <> 'day')
    {%- endset -%}
    {{ lead_scoring.forget(relation, condition) }}
{%- endmacro %}
