-- Grain: event version as delivered. Generic events carry our own codes, so nothing is translated.
{{ config(enabled='generic' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('generic', 'events') }}

),

renamed as (

    select
        -- ids
        event_id,
        email,
        contact_id,
        anonymous_id,
        session_id,
        email_id,
        -- strings
        page_path,
        page_title,
        referrer,
        link_url,
        asset,
        campaign,
        utm_source,
        utm_medium,
        utm_campaign,
        properties,
        {{ lead_scoring.comparable('event_type') }} as event_type,
        -- numbers
        event_version,
        duration_seconds,
        amount,
        -- booleans
        is_deleted,
        false as is_out_of_scope,
        -- times
        occurred_at,
        loaded_at,

        -- provenance
        _raw_unreadable as unreadable_columns,
        'events' as raw_table,
        _raw_file as raw_file,
        _raw_row as raw_row,
        _raw_text as raw_text
    from source

)

select * from renamed
