-- Grain: lead, matcher, date. The state that scores are made of: how often what a rule looks for happened, after count_once_per, before any cap.
with events_signed as (

    select * from {{ ref('int_events_signed') }}

),

signature_matches as (

    select * from {{ ref('int_signature_matches') }}

),

matchers as (

    select * from {{ ref('int_matchers') }}

),

events as (

    select * from {{ ref('int_events_counted') }}

),

counted_each as (

    select
        events_signed.lead_id,
        signature_matches.match_id,
        events_signed.occurred_on,
        count(*) as occurrences
    from events_signed
    inner join signature_matches on events_signed.signature_id = signature_matches.signature_id
    inner join matchers on signature_matches.match_id = matchers.match_id
    where matchers.count_once_per is null
        and (matchers.active_from is null or events_signed.occurred_on >= matchers.active_from)
        and (matchers.active_to is null or events_signed.occurred_on <= matchers.active_to)
    group by events_signed.lead_id, signature_matches.match_id, events_signed.occurred_on

),

once_values as (

    select
        events_signed.lead_id,
        signature_matches.match_id,
        events_signed.occurred_on,
        -- Where the field is empty every event stays.
        coalesce(
            '=' || case matchers.count_once_per
                when 'lead' then 'lead'
                when 'day' then cast(events_signed.occurred_on as string)
                {%- for field in lead_scoring.countable_event_fields() %}
                when '{{ field }}' then cast(events.{{ field }} as string)
                {%- endfor %}
                else {{ lead_scoring.json_text('events.properties', 'substring(matchers.count_once_per, 12)') }}
            end,
            'event:' || events_signed.event_key
        ) as once_value
    from events_signed
    inner join signature_matches on events_signed.signature_id = signature_matches.signature_id
    inner join matchers on signature_matches.match_id = matchers.match_id
    inner join events on events_signed.event_key = events.event_key
    where matchers.count_once_per is not null
        and (matchers.active_from is null or events_signed.occurred_on >= matchers.active_from)
        and (matchers.active_to is null or events_signed.occurred_on <= matchers.active_to)

),

-- The earliest event of each value: its date is the earliest date.
earliest_dates as (

    select
        lead_id,
        match_id,
        once_value,
        min(occurred_on) as occurred_on
    from once_values
    group by lead_id, match_id, once_value

),

counted_once as (

    select
        lead_id,
        match_id,
        occurred_on,
        count(*) as occurrences
    from earliest_dates
    group by lead_id, match_id, occurred_on

),

final as (

    select lead_id, match_id, occurred_on, occurrences from counted_each
    union all
    select lead_id, match_id, occurred_on, occurrences from counted_once

)

select * from final
