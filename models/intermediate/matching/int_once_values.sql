-- Grain: event, matcher that counts once. What it counts once for: the lead, the day, or the value of a field; where the field is empty every event stays.
{{ config(materialized='view') }}

with events_to_match as (

    select * from {{ ref('int_events_to_match') }}
    where count_once_per is not null

),

-- The fields that the grid counts once for stand with the event rows, except what counting made of them.
event_rows as (

    select * from {{ ref('int_events_deduplicated') }}

),

events_counted as (

    select * from {{ ref('int_events_counted') }}

),
{%- set counted_fields = ['session_id', 'page_path', 'email_id', 'duration_seconds'] %}

needing_rows as (

    select *
    from events_to_match
    where count_once_per not in ('lead', 'day')

),

final as (

    select
        lead_id,
        match_id,
        occurred_on,
        '=' || case when count_once_per = 'lead' then 'lead' else cast(occurred_on as string) end as once_value
    from events_to_match
    where count_once_per in ('lead', 'day')
    union all
    select
        needing_rows.lead_id,
        needing_rows.match_id,
        needing_rows.occurred_on,
        coalesce(
            '=' || case needing_rows.count_once_per
                {%- for field in lead_scoring.countable_event_fields() %}
                when '{{ field }}' then cast({{ 'events_counted' if field in counted_fields else 'event_rows' }}.{{ field }} as string)
                {%- endfor %}
                else {{ lead_scoring.json_text('event_rows.properties', 'substring(needing_rows.count_once_per, 12)') }}
            end,
            'event:' || needing_rows.event_key
        ) as once_value
    from needing_rows
    inner join events_counted on needing_rows.event_key = events_counted.event_key
    -- A click that a tagged link tells of says what its page view says.
    inner join event_rows
        on needing_rows.event_hash = event_rows.event_hash
        and (needing_rows.event_key = event_rows.event_key or needing_rows.event_key = event_rows.event_key || ':' || needing_rows.event_type)

)

select * from final
