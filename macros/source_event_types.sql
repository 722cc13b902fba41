{# The rows of a step with the event type that source_event_types.csv gives to their codes, and whether they are out of scope. The step has `native_code`, the exact
   code, and `vendor_type`, the code without its details: the exact code decides, and only where it is not listed the type alone. A row
   without any code is not out of scope: it is quarantined for want of an event type. #}
{% macro with_event_types(step, source_name) -%}
    select
        {{ step }}.*,
        case when exact_codes.native_code is not null then exact_codes.event_type else plain_codes.event_type end as event_type,
        coalesce({{ step }}.native_code, {{ step }}.vendor_type) is not null
        and case when exact_codes.native_code is not null then exact_codes.event_type else plain_codes.event_type end is null as is_out_of_scope
    from {{ step }}
    left join (
        select event_type, lower(native_code) as native_code
        from {{ ref('stg_config__source_event_types') }}
        where source = '{{ source_name }}'
    ) as exact_codes
        on {{ lead_scoring.comparable(step ~ '.native_code') }} = exact_codes.native_code
    left join (
        select event_type, lower(native_code) as native_code
        from {{ ref('stg_config__source_event_types') }}
        where source = '{{ source_name }}'
    ) as plain_codes
        on {{ lead_scoring.comparable(step ~ '.vendor_type') }} = plain_codes.native_code
{%- endmacro %}


{# An event version that grows with the time of loading, for connectors that replace their rows: of several deliveries the later one is a correction. #}
{% macro load_order_version(loaded_at) -%}
    case
            when {{ loaded_at }} >= cast('2000-01-01' as timestamp) and {{ loaded_at }} < cast('2060-01-01' as timestamp)
                then cast({{ lead_scoring.seconds_between("cast('2000-01-01' as timestamp)", loaded_at) }} as int)
        end
{%- endmacro %}
