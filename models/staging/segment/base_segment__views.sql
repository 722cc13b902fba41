-- Grain: row of pages or screens as delivered. What somebody looked at, on the site or in the app.
{{ config(enabled='segment' in var('lead_scoring_sources')) }}

with pages as (

    select * from {{ source('segment', 'pages') }}

),

screens as (

    select * from {{ source('segment', 'screens') }}

),

views as (

    select
        'PAGE' as view_code,
        'pages' as raw_table,
        coalesce(id, message_id) as call_id,
        anonymous_id,
        user_id,
        coalesce(url, context_page_url) as page_url,
        coalesce(path, context_page_path) as page_path,
        coalesce(title, context_page_title, name) as page_title,
        coalesce(referrer, context_page_referrer) as referrer,
        context_campaign_source,
        context_campaign_medium,
        context_campaign_name,
        context_user_agent,
        context_traits_email,
        context_session_id,
        timestamp,
        received_at,
        _raw_unreadable,
        _raw_file,
        _raw_row,
        _raw_text
    from pages
    union all
    select
        'SCREEN' as view_code,
        'screens' as raw_table,
        coalesce(id, message_id) as call_id,
        anonymous_id,
        user_id,
        null as page_url,
        null as page_path,
        name as page_title,
        null as referrer,
        context_campaign_source,
        context_campaign_medium,
        context_campaign_name,
        null as context_user_agent,
        context_traits_email,
        context_session_id,
        timestamp,
        received_at,
        _raw_unreadable,
        _raw_file,
        _raw_row,
        _raw_text
    from screens

),

final as (

    select
        -- ids
        coalesce(call_id, md5(
            view_code || '|' || coalesce(anonymous_id, '') || '|' || coalesce(user_id, '') || '|' || coalesce(cast(timestamp as string), '')
            || '|' || coalesce(page_url, page_path, page_title, '')
        )) as event_id,
        coalesce(context_traits_email, case when {{ lead_scoring.has_one_at('user_id') }} then user_id end) as email,
        user_id as contact_id,
        anonymous_id,
        -- The session's id is the moment in which it began: unique for one browser only.
        anonymous_id || ':' || context_session_id as session_id,
        cast(null as string) as email_id,
        -- strings
        case when {{ lead_scoring.is_robot('context_user_agent') }} then 'ROBOT' else view_code end as vendor_type,
        cast(null as string) as native_code,
        page_url,
        page_path,
        page_title,
        referrer,
        cast(null as string) as link_url,
        cast(null as string) as asset,
        context_campaign_name as campaign,
        context_campaign_source as utm_source,
        context_campaign_medium as utm_medium,
        context_campaign_name as utm_campaign,
        cast(null as string) as properties,
        -- numbers
        cast(null as double) as amount,
        -- times
        timestamp as occurred_at,
        received_at as loaded_at,

        -- provenance
        _raw_unreadable as unreadable_columns,
        raw_table,
        _raw_file as raw_file,
        _raw_row as raw_row,
        _raw_text as raw_text
    from views

)

select * from final
