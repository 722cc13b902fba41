-- Grain: signature. One event stands for all that have it. Kept from run to run; a signature that no event has any more does no harm.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['state'],
    pre_hook="{{ lead_scoring.forget(this, 'event_type in (select event_type from ' ~ ref('int_event_types_resigned') ~ ')') }}"
) }}
-- depends_on: {{ ref('int_event_types_resigned') }}

with events_counted as (

    select * from {{ ref('int_events_counted') }}
    {%- if lead_scoring.is_day_run() %}
    where event_hash in (select event_hash from {{ ref('int_events_touched') }})
        and signature_id not in (
            select signature_id from {{ this }}
            where event_type not in (select event_type from {{ ref('int_event_types_resigned') }})
        )
    {%- endif %}

),

event_type_fields as (

    select * from {{ ref('int_event_type_fields') }}

),

signatures as (

    select
        signature_id,
        min(event_type) as event_type,
        min(event_key) as example_event_key,
        min_by(event_hash, event_key) as example_event_hash
    from events_counted
    group by signature_id

),

final as (

    select
        signatures.signature_id,
        signatures.event_type,
        signatures.example_event_key,
        signatures.example_event_hash,
        coalesce(event_type_fields.fields_id, '') as fields_id
    from signatures
    left join event_type_fields on signatures.event_type = event_type_fields.event_type

)

select * from final
-- depends_on: {{ ref('int_events_touched') }}
