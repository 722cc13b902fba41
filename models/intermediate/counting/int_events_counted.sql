-- Grain: event that counts, kept from run to run with its signature: equal for two events that no condition of the grid can tell apart. The state that day buckets
-- and traits are made of; what else an event says stays with its row.
{% set fields = lead_scoring.matchable_event_fields() %}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['state'],
    pre_hook="{{ lead_scoring.forget(this, 'event_hash in (select event_hash from ' ~ ref('int_events_touched') ~ ')') }}"
) }}
-- depends_on: {{ ref('int_days_left') }}

with events as (

    select * from {{ ref('int_events_assembled') }}

),

event_type_fields as (

    select * from {{ ref('int_event_type_fields') }}

),

final as (

    select
        events.lead_id,
        events.event_hash,
        events.event_key,
        events.event_type,
        events.is_engagement,
        events.is_machine,
        events.is_linked,
        events.occurred_at,
        events.occurred_on,
        events.session_id,
        events.page_path,
        events.email_id,
        events.duration_seconds,
        -- A number enters as the interval between the thresholds that the grid names, a text as itself, and what no rule looks at not at all.
        case
            when event_type_fields.event_type is null then md5(events.event_type)
            else md5(
                events.event_type || '|' || event_type_fields.fields_id
                {%- for field, data_type in fields.items() %}
                || '|' || case
                    when event_type_fields.uses_{{ field }} and events.{{ field }} is not null
                        then '=' || {% if data_type == 'double' -%}
                            cast({{ lead_scoring.interval_of('events.' ~ field, 'event_type_fields.' ~ field ~ '_thresholds') }} as string)
                            {%- else -%} events.{{ field }} {%- endif %}
                    else ''
                end
                {%- endfor %}
                || '|' || case
                    when {{ lead_scoring.has_elements('event_type_fields.property_keys') }} and events.properties is not null
                        then {{ lead_scoring.json_signature('events.properties', 'event_type_fields.property_keys') }}
                    else ''
                end
            )
        end as signature_id
    from events
    left join event_type_fields on events.event_type = event_type_fields.event_type

)

select * from final
