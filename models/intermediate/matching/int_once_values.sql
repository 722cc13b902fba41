-- Grain: event, matcher that counts once. What it counts once for: the lead, the day, or the value of a field; where the field is empty every event stays.
{{ config(materialized='view') }}

with events_to_match as (

    select * from {{ ref('int_events_to_match') }}
    where count_once_per is not null

),
{%- set fields_kept = lead_scoring.counted_event_fields() %}

needing_rows as (

    select *
    from events_to_match
    where count_once_per not in ('lead', 'day', '{{ fields_kept | join("', '") }}')

),

{{ lead_scoring.standing_events('event_hash in (select event_hash from needing_rows)') }},

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
        lead_id,
        match_id,
        occurred_on,
        coalesce(
            '=' || case count_once_per
                {%- for field in fields_kept %}
                when '{{ field }}' then cast({{ field }} as string)
                {%- endfor %}
            end,
            'event:' || event_key
        ) as once_value
    from events_to_match
    where count_once_per in ('{{ fields_kept | join("', '") }}')
    union all
    select
        needing_rows.lead_id,
        needing_rows.match_id,
        needing_rows.occurred_on,
        coalesce(
            '=' || case needing_rows.count_once_per
                {%- for field in lead_scoring.countable_event_fields() if field not in fields_kept %}
                when '{{ field }}' then cast(standing.{{ field }} as string)
                {%- endfor %}
                else {{ lead_scoring.json_text('standing.properties', 'substring(needing_rows.count_once_per, 12)') }}
            end,
            'event:' || needing_rows.event_key
        ) as once_value
    from needing_rows
    -- A click that a tagged link tells of says what its page view says.
    inner join standing
        on needing_rows.event_hash = standing.event_hash
        and (needing_rows.event_key = standing.event_key or needing_rows.event_key = standing.event_key || ':' || needing_rows.event_type)

)

select * from final
