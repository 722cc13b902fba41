{# The columns that every source's staging model of a kind has, in the order of the contract: what lies behind never touches scoring.
   The kinds are events, contacts, accounts, identity_links, adjustments, outcomes and erasures. #}
{% macro canonical_columns(kind) -%}
    {{ return(lead_scoring.columns_by_kind()[kind]) }}
{%- endmacro %}


{# The same for all kinds. #}
{% macro columns_by_kind() -%}
    {{ return({
        'events': {
            'event_id': 'string', 'event_type': 'string', 'is_out_of_scope': 'boolean', 'occurred_at': 'timestamp', 'loaded_at': 'timestamp',
            'event_version': 'int', 'is_deleted': 'boolean', 'email': 'string', 'contact_id': 'string', 'anonymous_id': 'string',
            'session_id': 'string', 'page_path': 'string', 'page_title': 'string', 'referrer': 'string', 'email_id': 'string', 'link_url': 'string',
            'asset': 'string', 'campaign': 'string', 'utm_source': 'string', 'utm_medium': 'string', 'utm_campaign': 'string',
            'duration_seconds': 'double', 'amount': 'double', 'properties': 'string',
        },
        'contacts': {
            'contact_id': 'string', 'loaded_at': 'timestamp', 'created_at': 'timestamp', 'updated_at': 'timestamp', 'email': 'string', 'anonymous_id': 'string',
            'first_name': 'string', 'last_name': 'string', 'company': 'string', 'company_domain': 'string', 'job_title': 'string', 'seniority': 'string',
            'department': 'string', 'industry': 'string', 'country': 'string', 'city': 'string', 'employee_count': 'bigint', 'annual_revenue': 'double',
            'lead_source': 'string', 'persona': 'string', 'phone': 'string', 'age': 'int', 'cycle_months': 'int', 'is_email_opted_out': 'boolean',
            'has_marketing_consent': 'boolean', 'consented_at': 'timestamp', 'owner': 'string', 'lifecycle_stage': 'string', 'enriched_at': 'timestamp',
        },
        'accounts': {
            'company_domain': 'string', 'name': 'string', 'industry': 'string', 'country': 'string', 'employee_count': 'bigint', 'annual_revenue': 'double',
            'updated_at': 'timestamp', 'loaded_at': 'timestamp',
        },
        'identity_links': {'contact_id': 'string', 'merged_into_contact_id': 'string', 'occurred_at': 'timestamp', 'loaded_at': 'timestamp'},
        'adjustments': {
            'adjustment_id': 'string', 'email': 'string', 'contact_id': 'string', 'score_model': 'string', 'points': 'decimal(10,4)', 'reason': 'string',
            'author': 'string', 'effective_on': 'date', 'expires_on': 'date', 'loaded_at': 'timestamp',
        },
        'outcomes': {
            'outcome_id': 'string', 'email': 'string', 'contact_id': 'string', 'outcome': 'string', 'reason': 'string', 'occurred_at': 'timestamp',
            'loaded_at': 'timestamp', 'amount': 'double',
        },
        'erasures': {'email': 'string', 'contact_id': 'string', 'requested_at': 'timestamp', 'loaded_at': 'timestamp'},
    }) }}
{%- endmacro %}


{# Where a row came from, on every staging model. #}
{% macro provenance_columns() -%}
    {{ return({'unreadable_columns': 'string', 'raw_table': 'string', 'raw_file': 'string', 'raw_row': 'bigint', 'raw_text': 'string'}) }}
{%- endmacro %}


{# Typed nulls for the canonical columns that a source does not have. #}
{% macro null_columns(kind, names) -%}
    {%- set types = lead_scoring.canonical_columns(kind) -%}
    {%- for name in names -%}
    cast(null as {{ types[name] }}) as {{ name }}{{ ',\n        ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# The columns that say where a row of a raw table came from, for a model that reads only that table. #}
{% macro provenance(raw_table, relation=none) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {{ prefix }}_raw_unreadable as unreadable_columns,
        '{{ raw_table }}' as raw_table,
        {{ prefix }}_raw_file as raw_file,
        {{ prefix }}_raw_row as raw_row,
        {{ prefix }}_raw_text as raw_text
{%- endmacro %}


{# The model that holds the rows of a kind of a source: one of the user's own, when lead_scoring_own_models names one, else that of the source's folder of
   models/staging/; none when the source has no rows of the kind. #}
{% macro source_model(source_name, kind) -%}
    {%- set own_models = lead_scoring.own_models(source_name) -%}
    {%- if kind in own_models -%}
        {{ return(own_models[kind]) }}
    {%- elif kind in (var('lead_scoring_staged').get(source_name) or []) -%}
        {{ return('stg_' ~ source_name ~ '__' ~ kind) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}


{# The user's own models of a source by kind, as lead_scoring_own_models names them. What is no kind, and what is no name, ends the run. #}
{% macro own_models(source_name) -%}
    {%- set own_models = var('lead_scoring_own_models').get(source_name) or {} -%}
    {%- set kinds = lead_scoring.columns_by_kind().keys() | list -%}
    {%- if own_models is not mapping -%}
        {{ exceptions.raise_compiler_error('lead_scoring_own_models: ' ~ source_name ~ ' has to name a model for each kind of rows, as {' ~ source_name ~ ': {events: ' ~ source_name ~ '_events}}.') }}
    {%- endif -%}
    {%- for kind, model in own_models.items() -%}
        {%- if kind not in kinds -%}
            {{ exceptions.raise_compiler_error('lead_scoring_own_models: ' ~ source_name ~ ' names ' ~ kind ~ ', which is no kind of rows; there are ' ~ kinds | join(', ') ~ '.') }}
        {%- elif model is not string -%}
            {{ exceptions.raise_compiler_error('lead_scoring_own_models: ' ~ source_name ~ ' names no model for ' ~ kind ~ '.') }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(own_models) }}
{%- endmacro %}


{# Whether a source has raw tables: every source does, but one that consists of the user's own models. A source that nobody knows ends the run. #}
{% macro has_raw_tables(source_name) -%}
    {%- set is_staged = source_name in var('lead_scoring_staged') -%}
    {%- if not is_staged and not lead_scoring.own_models(source_name) -%}
        {{ exceptions.raise_compiler_error(
            "lead_scoring_sources names '" ~ source_name ~ "', which is no source: lead_scoring_staged has " ~ var('lead_scoring_staged').keys() | sort | join(', ')
            ~ ', and lead_scoring_own_models names no models for it.'
        ) }}
    {%- endif -%}
    {{ return(is_staged) }}
{%- endmacro %}


{# All rows of a kind over the sources that are on, with the source's name in front, as far as they are known by known_at. Whoever
   asked to be forgotten is forgotten at every known_at. #}
{% macro union_sources(kind) -%}
    {%- set columns = lead_scoring.canonical_columns(kind) -%}
    {%- set provenance = lead_scoring.provenance_columns() -%}
    {%- for source_name in var('lead_scoring_sources') if lead_scoring.source_model(source_name, kind) %}
    {%- set model = lead_scoring.source_model(source_name, kind) %}
    {%- if kind in lead_scoring.own_models(source_name) %}
    {{ lead_scoring.own_rows(source_name, kind, model) }}
    {%- else %}
    select
        '{{ source_name }}' as source,
        {{ (columns.keys() | list + provenance.keys() | list) | join(',\n        ') }}
    from {{ ref(model) }}
    {%- endif %}
    {%- if kind != 'erasures' %}
    where {{ lead_scoring.is_known('loaded_at') }}
    {%- endif %}
    {%- if kind == 'events' and lead_scoring.retained_from_text() %}
        and coalesce(occurred_at, loaded_at, cast('{{ lead_scoring.retained_from_text() }}' as timestamp)) >= cast('{{ lead_scoring.retained_from_text() }}' as timestamp)
    {%- endif %}
    union all
    {%- endfor %}
    select
        cast(null as string) as source,
        {%- for column, type in columns.items() %}
        cast(null as {{ type }}) as {{ column }},
        {%- endfor %}
        {%- for column, type in provenance.items() %}
        cast(null as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    where 1 = 0
{%- endmacro %}


{# The rows of a user's own model, which come from no file, as those of a staging model: typed, blank texts null, a code in the form in which codes are compared. #}
{% macro own_rows(source_name, kind, model) -%}
    select
        '{{ source_name }}' as source,
        {%- for column, type in lead_scoring.canonical_columns(kind).items() %}
        {%- set value = 'cast(own_rows.' ~ column ~ ' as ' ~ type ~ ')' %}
        {%- if column == 'event_type' %}
        {{ lead_scoring.comparable(lead_scoring.blank_to_null(value)) }} as {{ column }},
        {%- elif column == 'is_out_of_scope' %}
        coalesce({{ value }}, false) as {{ column }},
        {%- else %}
        {{ lead_scoring.blank_to_null(value) if type == 'string' else value }} as {{ column }},
        {%- endif %}
        {%- endfor %}
        cast(null as string) as unreadable_columns,
        '{{ model }}' as raw_table,
        cast(null as string) as raw_file,
        cast(null as bigint) as raw_row,
        {{ lead_scoring.row_text('own_rows') }} as raw_text
    from {{ ref(model) }} as own_rows
{%- endmacro %}


{# A query for the rows of a relation in the canonical columns of a kind, in their types: for a model of one's own that lead_scoring_own_models names. `columns`
   gives SQL expressions by canonical column; what it leaves out is null, but for is_out_of_scope, which is false. #}
{% macro canonical_rows(kind, relation, columns) -%}
    {%- set types = lead_scoring.canonical_columns(kind) -%}
    {%- set unknown = columns.keys() | reject('in', types) | list -%}
    {%- if unknown -%}
        {{ exceptions.raise_compiler_error('canonical_rows: ' ~ kind ~ ' have no column ' ~ unknown | join(', ') ~ '; there are ' ~ types.keys() | join(', ') ~ '.') }}
    {%- endif -%}
    select
        {%- for column, type in types.items() %}
        {%- set value = columns.get(column, 'false' if column == 'is_out_of_scope' else 'null') %}
        cast({{ value }} as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
{%- endmacro %}
