-- Grain: anonymous id, stint during which it belonged to one lead (half-open; open ends are null). The stints of all browsers, kept from run to run.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['state'],
    pre_hook="{{ lead_scoring.forget(this, 'anonymous_id in (select anonymous_id from ' ~ ref('int_anonymous_ids_touched') ~ ')') }}"
) }}
-- depends_on: {{ ref('int_anonymous_ids_touched') }}, {{ ref('int_events_touched') }}

with stints as (

    select * from {{ ref('int_anonymous_stints') }}

)

select * from stints
