-- Grain: event of a type that a rule looks for. The event's signature: equal for two events that no condition of the grid can tell apart.
{% set fields = lead_scoring.matchable_event_fields() %}

with events as (

    select * from {{ ref('int_events_counted') }}

),

event_type_fields as (

    select * from {{ ref('int_event_type_fields') }}

),

matcher_event_types as (

    select distinct event_type from {{ ref('int_matcher_event_types') }}

),

final as (

    select
        events.lead_id,
        events.event_key,
        events.event_type,
        events.occurred_on,
        -- A number enters as the interval between the thresholds that the grid names, a text as itself, and what no rule looks at not at all.
        md5(
            events.event_type
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
        ) as signature_id
    from events
    inner join matcher_event_types on events.event_type = matcher_event_types.event_type
    left join event_type_fields on events.event_type = event_type_fields.event_type

)

select * from final
