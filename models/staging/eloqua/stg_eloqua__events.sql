-- Grain: row of an activity table as delivered.
{{ config(enabled='eloqua' in var('lead_scoring_sources')) }}

with email_activities as (

    select * from {{ ref('base_eloqua__email_activities') }}

),

web_activities as (

    select * from {{ ref('base_eloqua__web_activities') }}

),

campaigns as (

    {{ lead_scoring.latest_rows(source('eloqua', 'campaigns'), 'id', ['name'], loaded_at='_sdc_batched_at') }}

),

{% set columns = [
    'activity_id', 'email', 'contact_id', 'anonymous_id', 'session_id', 'email_id', 'campaign_id', 'activity_type', 'vendor_type', 'native_code', 'asset',
    'campaign_name', 'link_url', 'page_url', 'referrer', 'properties', 'duration_seconds', 'occurred_at', 'loaded_at', 'unreadable_columns', 'raw_table',
    'raw_file', 'raw_row', 'raw_text',
] | join(', ') %}
activities as (

    select {{ columns }} from email_activities
    union all
    select {{ columns }} from web_activities

),

-- BOUNCEBACK_5 is hard, any other BOUNCEBACK soft.
translated as (

    {{ lead_scoring.with_event_types('activities', 'eloqua') }}

),

final as (

    select
        -- ids
        -- Ids are unique per type of activity only. A row without one is told by what it says.
        translated.activity_type || ':' || coalesce(
            translated.activity_id,
            md5(concat_ws(
                '|', coalesce(translated.email, ''), coalesce(translated.contact_id, ''), coalesce(translated.anonymous_id, ''),
                coalesce(cast(translated.occurred_at as string), ''), coalesce(translated.email_id, translated.asset, ''),
                coalesce(translated.link_url, translated.page_url, '')
            ))
        ) as event_id,
        translated.email,
        translated.contact_id,
        translated.anonymous_id,
        translated.session_id,
        translated.email_id,
        -- strings
        translated.event_type,
        {{ lead_scoring.url_path('translated.page_url') }} as page_path,
        translated.referrer,
        translated.link_url,
        translated.asset,
        coalesce(campaigns.name, translated.campaign_name) as campaign,
        {{ lead_scoring.url_parameter('translated.page_url', 'utm_source') }} as utm_source,
        {{ lead_scoring.url_parameter('translated.page_url', 'utm_medium') }} as utm_medium,
        {{ lead_scoring.url_parameter('translated.page_url', 'utm_campaign') }} as utm_campaign,
        translated.properties,
        -- numbers
        -- A visit is written again when it has become longer: of several deliveries the later one is a correction.
        {{ lead_scoring.load_order_version('translated.loaded_at') }} as event_version,
        translated.duration_seconds,
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
        translated.raw_text,

        {{ lead_scoring.null_columns('events', ['page_title', 'amount']) }}
    from translated
    left join campaigns on translated.campaign_id = campaigns.id

)

select * from final
