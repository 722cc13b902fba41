{# The fields of an event that a condition may name, but for `properties.<key>`, with their types. `fields.csv` describes them for people. #}
{% macro matchable_event_fields() -%}
    {{ return({
        'source': 'string', 'session_id': 'string', 'page_path': 'string', 'page_title': 'string', 'referrer': 'string', 'email_id': 'string',
        'link_url': 'string', 'asset': 'string', 'campaign': 'string', 'utm_source': 'string', 'utm_medium': 'string', 'utm_campaign': 'string',
        'duration_seconds': 'double', 'amount': 'double',
    }) }}
{%- endmacro %}


{# The fields that `count_once_per` may name beyond those. #}
{% macro countable_event_fields() -%}
    {{ return(lead_scoring.matchable_event_fields().keys() | list + ['email', 'contact_id', 'anonymous_id']) }}
{%- endmacro %}


{# The fields that counting makes or changes: int_events_counted keeps them, any other field stands in the event's row. #}
{% macro counted_event_fields() -%}
    {{ return(['session_id', 'page_path', 'email_id', 'duration_seconds']) }}
{%- endmacro %}


{# The traits that a condition may name, with their types; `is_lapsed` is one per score model and stands apart. #}
{% macro trait_fields() -%}
    {{ return({
        'email': 'string', 'email_domain': 'string', 'first_name': 'string', 'last_name': 'string', 'company': 'string', 'company_domain': 'string',
        'job_title': 'string', 'seniority': 'string', 'department': 'string', 'industry': 'string', 'country': 'string', 'city': 'string',
        'lead_source': 'string', 'persona': 'string', 'phone': 'string', 'owner': 'string', 'lifecycle_stage': 'string', 'account_name': 'string',
        'account_industry': 'string', 'account_country': 'string',
        'employee_count': 'double', 'annual_revenue': 'double', 'age': 'double', 'cycle_months': 'double', 'account_employee_count': 'double',
        'account_annual_revenue': 'double', 'email_open_rate': 'double', 'email_click_rate': 'double', 'session_count': 'double', 'bounce_rate': 'double',
        'avg_session_seconds': 'double', 'pages_per_session': 'double', 'page_view_count': 'double', 'distinct_page_count': 'double',
        'form_submission_count': 'double', 'days_since_last_activity': 'double', 'days_since_last_order': 'double', 'order_count': 'double',
        'profile_completeness': 'double',
        'is_email_opted_out': 'boolean', 'has_marketing_consent': 'boolean', 'clicked_last_3_emails': 'boolean', 'is_free_email': 'boolean',
        'is_internal': 'boolean',
        'created_at': 'timestamp', 'consented_at': 'timestamp', 'enriched_at': 'timestamp',
    }) }}
{%- endmacro %}


{# The rule that a field `days_since_rule.<rule_id>` speaks of. #}
{% macro rule_of_field(field) -%}
    substring({{ field }}, {{ 'days_since_rule.' | length + 1 }})
{%- endmacro %}
