-- Grain: signature, field that a rule for its event type names. What conditions meet instead of events. Kept from run to run.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['state'],
    pre_hook="{{ lead_scoring.forget(this, 'signature_id not in (select signature_id from ' ~ ref('int_event_signatures') ~ ')') }}"
) }}
{% set fields = lead_scoring.matchable_event_fields() %}

with signatures as (

    select * from {{ ref('int_event_signatures') }}
    {%- if lead_scoring.is_day_run() %}
    where signature_id not in (select signature_id from {{ this }})
    {%- endif %}

),

events as (

    select * from {{ ref('int_events_assembled') }}
    where event_key in (select example_event_key from signatures)

),

matcher_event_types as (

    select * from {{ ref('int_matcher_event_types') }}

),

matcher_conditions as (

    select * from {{ ref('int_matcher_conditions') }}

),

fields_named as (

    select distinct
        matcher_event_types.event_type,
        matcher_conditions.field,
        matcher_conditions.data_type
    from matcher_event_types
    inner join matcher_conditions on matcher_event_types.match_id = matcher_conditions.match_id

),

values_listed as (

    select
        signatures.signature_id,
        fields_named.field,
        fields_named.data_type,
        case
            {%- for field, data_type in fields.items() %}
            when fields_named.field = '{{ field }}' then cast(events.{{ field }} as string)
            {%- endfor %}
            else {{ lead_scoring.json_text('events.properties', 'substring(fields_named.field, 12)') }}
        end as value_text,
        case
            {%- for field, data_type in fields.items() if data_type == 'double' %}
            when fields_named.field = '{{ field }}' then events.{{ field }}
            {%- endfor %}
        end as value_number
    from signatures
    inner join events on signatures.example_event_key = events.event_key
    inner join fields_named on signatures.event_type = fields_named.event_type

),

final as (

    select
        signature_id,
        field,
        data_type,
        value_text,
        value_number,
        md5(coalesce('=' || value_text, '')) as value_id
    from values_listed

)

select * from final
