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

-- A click that a tagged link tells of says what its page view says.
events_counted as (

    select * from {{ ref('int_events_counted') }}
    where event_hash in (select example_event_hash from signatures)

),

{{ lead_scoring.standing_events('event_hash in (select example_event_hash from signatures)') }},

examples as (

    select
        signatures.signature_id,
        signatures.event_type,
        {%- for field in fields %}
        {{ 'events_counted' if field in lead_scoring.counted_event_fields() else 'standing' }}.{{ field }},
        {%- endfor %}
        standing.properties
    from signatures
    inner join events_counted
        on signatures.example_event_hash = events_counted.event_hash
        and signatures.example_event_key = events_counted.event_key
    inner join standing
        on signatures.example_event_hash = standing.event_hash
        and (signatures.example_event_key = standing.event_key or signatures.example_event_key = standing.event_key || ':' || signatures.event_type)

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
        examples.signature_id,
        fields_named.field,
        fields_named.data_type,
        case
            {%- for field, data_type in fields.items() %}
            when fields_named.field = '{{ field }}' then cast(examples.{{ field }} as string)
            {%- endfor %}
            else {{ lead_scoring.json_text('examples.properties', 'substring(fields_named.field, 12)') }}
        end as value_text,
        case
            {%- for field, data_type in fields.items() if data_type == 'double' %}
            when fields_named.field = '{{ field }}' then examples.{{ field }}
            {%- endfor %}
        end as value_number
    from examples
    inner join fields_named on examples.event_type = fields_named.event_type

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
