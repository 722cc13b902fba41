-- Grain: event row as delivered. What was read of the events, kept from run to run. Of people who asked to be forgotten nothing is left but hashes: their other rows
-- have to be recognised to be dropped.
{% set erasable = ['event_key'] + lead_scoring.canonical_columns('events').keys() | reject('in', ['event_id', 'is_out_of_scope', 'occurred_at', 'anonymous_id']) | list %}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['state'],
    pre_hook="{{ lead_scoring.forget(this, lead_scoring.is_read_again() ~ ' or alias_id in (select alias_id from ' ~ ref('int_aliases_changed') ~ ' where is_erased <> was_erased)') }}"
) }}
-- depends_on: {{ ref('int_event_rows_withdrawn') }}, {{ ref('int_aliases_changed') }}

with event_rows as (

    select * from {{ ref('int_events_read') }}
    {%- if lead_scoring.is_day_run() %}
    where {{ lead_scoring.is_read_again() }}
    union all
    -- Whoever has to be forgotten, or no longer has, is read again wherever the rows stand.
    select * from {{ ref('int_events_read') }}
    where not ({{ lead_scoring.is_read_again() }})
        and alias_id in (select alias_id from {{ ref('int_aliases_changed') }} where is_erased <> was_erased)
    {%- endif %}

),

lead_aliases as (

    select * from {{ ref('int_lead_aliases') }}

),

erased_leads as (

    select * from {{ ref('int_erased_leads') }}

),

erasures_marked as (

    select
        event_rows.*,
        erased_leads.lead_id is not null as is_erased
    from event_rows
    left join lead_aliases on event_rows.alias_id = lead_aliases.alias_id
    left join erased_leads on coalesce(lead_aliases.lead_id, event_rows.alias_id) = erased_leads.lead_id

),

final as (

    select
        source,
        {{ lead_scoring.text_hash('event_key') }} as event_hash,
        alias_id,
        is_erased,
        is_out_of_scope,
        occurred_at,
        anonymous_id,
        {%- for column in erasable %}
        case when not is_erased then {{ column }} end as {{ column }},
        {%- endfor %}
        is_engagement,
        is_machine,
        rejection_reason,
        raw_table,
        raw_file,
        raw_row,
        -- Kept for the rows that a person has to look at.
        case when rejection_reason is not null and not is_erased then raw_text end as raw_text
    from erasures_marked

)

select * from final
