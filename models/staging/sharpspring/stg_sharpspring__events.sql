-- Grain: row of event as delivered (getEventsByType). What a lead did, or what happened to it.
{{ config(enabled='sharpspring' in var('lead_scoring_sources')) }}

{% set time_zone = var('lead_scoring_source_timezones').get('sharpspring', 'UTC') %}
with source as (

    select
        *,
        {{ lead_scoring.trimmed('eventsource') }} as event_source,
        {{ lead_scoring.trimmed('eventname') }} as event_name,
        {{ lead_scoring.comparable('whattype') }} as what_kind
    from {{ source('sharpspring', 'event') }}

),

-- eventData is free text: the address of a page, or a JSON object with or without one.
addresses_found as (

    select
        *,
        case
            when lower(eventdata) like 'http://%' or lower(eventdata) like 'https://%' then {{ lead_scoring.trimmed('eventdata') }}
            else {{ lead_scoring.json_text('eventdata', "'url'") }}
        end as event_url
    from source

),

coded as (

    select
        *,
        -- The code is in eventSource; only where that is not listed, eventName is asked.
        event_source as native_code,
        event_name as vendor_type
    from addresses_found

),

translated as (

    {{ lead_scoring.with_event_types('coded', 'sharpspring') }}

),

categorised as (

    select
        translated.*,
        event_types.category
    from translated
    left join {{ ref('stg_config__event_types') }} as event_types on translated.event_type = event_types.event_type

),

final as (

    select
        -- ids
        id as event_id,
        leadid as contact_id,
        case when category = 'email' then whatid end as email_id,
        {{ lead_scoring.null_columns('events', [
            'email', 'anonymous_id', 'session_id', 'referrer', 'campaign', 'duration_seconds', 'amount',
        ]) }},
        -- strings
        event_type,
        case when category = 'web' then {{ lead_scoring.url_path('event_url') }} end as page_path,
        case when category = 'web' then {{ lead_scoring.json_text('eventdata', "'title'") }} end as page_title,
        case when category = 'email' then event_url end as link_url,
        case when category not in ('email', 'web') then coalesce(what_kind || ':', '') || whatid end as asset,
        {{ lead_scoring.url_parameter('event_url', 'utm_source') }} as utm_source,
        {{ lead_scoring.url_parameter('event_url', 'utm_medium') }} as utm_medium,
        {{ lead_scoring.url_parameter('event_url', 'utm_campaign') }} as utm_campaign,
        {{ lead_scoring.json_object({
            'event_source': 'event_source',
            'event_name': 'event_name',
            'what_type': 'whattype',
            'what_id': 'whatid',
            'event_data': 'eventdata',
        }) }} as properties,
        -- numbers
        -- A row that is loaded again is a correction, where it says when it was loaded.
        {{ lead_scoring.load_order_version('_loaded_at') }} as event_version,
        -- booleans
        false as is_deleted,
        is_out_of_scope,
        -- times
        {{ lead_scoring.local_to_utc('createtimestamp', time_zone) }} as occurred_at,
        coalesce(_loaded_at, {{ lead_scoring.local_to_utc('createtimestamp', time_zone) }}) as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('event') }}
    from categorised

)

select * from final
