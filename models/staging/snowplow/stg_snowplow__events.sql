-- Grain: event row as delivered.
{{ config(enabled='snowplow' in var('lead_scoring_sources')) }}

with events as (

    select * from {{ ref('base_snowplow__events') }}

),

page_times as (

    select * from {{ ref('base_snowplow__page_times') }}

),

translated as (

    {{ lead_scoring.with_event_types('events', 'snowplow') }}

),

final as (

    select
        -- ids
        translated.event_id,
        case when {{ lead_scoring.has_one_at('translated.user_id') }} then translated.user_id end as email,
        case when not {{ lead_scoring.has_one_at('translated.user_id') }} then translated.user_id end as contact_id,
        translated.anonymous_id,
        translated.session_id,
        -- strings
        translated.event_type,
        translated.page_path,
        translated.page_title,
        translated.referrer,
        translated.asset,
        translated.utm_source,
        translated.utm_medium,
        translated.utm_campaign,
        translated.properties,
        {{ lead_scoring.null_columns('events', ['email_id', 'link_url', 'campaign', 'event_version']) }},
        -- numbers
        case when translated.vendor_type = 'PAGE_VIEW' then cast(page_times.engaged_seconds as double) end as duration_seconds,
        translated.amount,
        -- booleans
        false as is_deleted,
        translated.is_out_of_scope,
        -- times
        translated.occurred_at,
        translated.loaded_at,

        -- provenance
        translated.unreadable_columns,
        translated.raw_table,
        translated.raw_file,
        translated.raw_row,
        translated.raw_text
    from translated
    left join page_times
        on translated.session_id = page_times.session_id
        and translated.page_view_id = page_times.page_view_id

)

select * from final
