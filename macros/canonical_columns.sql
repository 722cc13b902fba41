{# The columns that every source's staging model of a kind has, in the order of the contract: what lies behind never touches scoring.
   The kinds are events, contacts, accounts, identity_links, adjustments, outcomes and erasures. #}
{% macro canonical_columns(kind) -%}
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
    }[kind]) }}
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


{# All rows of a kind over the sources that are on, with the source's name in front, as far as they are known by known_at. Whoever
   asked to be forgotten is forgotten at every known_at. #}
{% macro union_sources(kind) -%}
    {%- set columns = lead_scoring.canonical_columns(kind) -%}
    {%- set provenance = lead_scoring.provenance_columns() -%}
    {%- for source_name in var('lead_scoring_sources') if kind in var('lead_scoring_staged').get(source_name, []) %}
    select
        '{{ source_name }}' as source,
        {{ (columns.keys() | list + provenance.keys() | list) | join(',\n        ') }}
    from {{ ref('stg_' ~ source_name ~ '__' ~ kind) }}
    {%- if kind != 'erasures' %}
    where {{ lead_scoring.is_known('loaded_at') }}
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
