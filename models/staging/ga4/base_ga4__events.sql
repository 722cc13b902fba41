-- Grain: event row as delivered. GA4's parameters under our names, with the id that GA4 itself does not give.
{{ config(enabled='ga4' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('ga4', 'event') }}

),

named as (

    select
        *,
        -- Fivetran says name and timestamp, BigQuery event_name and event_timestamp.
        lower({{ lead_scoring.trimmed('coalesce(name, event_name)') }}) as event_word,
        coalesce(timestamp, event_timestamp) as happened_at,
        -- Campaigns in brackets are GA4's own words for none: (direct), (organic), (not set).
        case when param_campaign not like '(%' then param_campaign end as campaign_name,
        case when collected_traffic_source_manual_source not like '(%' then collected_traffic_source_manual_source end as manual_source,
        case when collected_traffic_source_manual_medium not like '(%' then collected_traffic_source_manual_medium end as manual_medium,
        case when collected_traffic_source_manual_campaign_name not like '(%' then collected_traffic_source_manual_campaign_name end as manual_campaign,
        -- So are the media organic and referral, which it works out from the referrer. Such a row bears no tags.
        coalesce(param_medium not like '(%' and lower(param_medium) not in ('organic', 'referral'), param_source not like '(%', false) as has_tags
    from source

),

final as (

    select
        -- ids
        case
            -- Of a purchase with a transaction id GA4's own reports count one: a confirmation page that is opened anew is no second order.
            when event_word = 'purchase' and ecommerce_transaction_id is not null
                then 'purchase:' || coalesce(user_pseudo_id, user_id, '') || ':' || ecommerce_transaction_id
            else md5(
                coalesce(user_pseudo_id, '') || '|' || coalesce(param_ga_session_id, '') || '|' || coalesce(event_word, '')
                || '|' || coalesce(cast(happened_at as string), '') || '|' || coalesce(bundle_sequence_id, '')
                || '|' || coalesce(cast(batch_page_id as string), '') || '|' || coalesce(cast(batch_ordering_id as string), '')
                || '|' || coalesce(cast(batch_event_index as string), '')
                || '|' || coalesce(param_page_location, '') || '|' || coalesce(param_link_url, '') || '|' || coalesce(param_form_id, '')
                || '|' || coalesce(param_video_url, '') || '|' || coalesce(param_search_term, '')
                -- A hit without ids has nothing else to be told by.
                || case when user_pseudo_id is null then '|' || coalesce(user_id, '') else '' end
            )
        end as event_id,
        user_id,
        user_pseudo_id as anonymous_id,
        -- "unique only per user": the session's id is the second in which it began.
        user_pseudo_id || ':' || param_ga_session_id as session_id,
        -- strings
        -- Without consent GA4 sends pings that name nobody.
        case when user_pseudo_id is null and user_id is null then 'COOKIELESS_PING' else upper(event_word) end as vendor_type,
        cast(null as string) as native_code,
        param_page_location as page_url,
        coalesce(param_page_title, param_firebase_screen) as page_title,
        param_page_referrer as referrer,
        param_link_url as link_url,
        coalesce(param_file_name, param_form_name, param_form_id, param_video_title, param_video_url) as asset,
        coalesce(manual_campaign, campaign_name) as campaign,
        coalesce(
            manual_source, {{ lead_scoring.url_parameter('param_page_location', 'utm_source') }},
            case when has_tags and param_source not like '(%' then param_source end
        ) as utm_source,
        coalesce(
            manual_medium, {{ lead_scoring.url_parameter('param_page_location', 'utm_medium') }},
            case when has_tags and param_medium not like '(%' then param_medium end
        ) as utm_medium,
        coalesce(
            manual_campaign, {{ lead_scoring.url_parameter('param_page_location', 'utm_campaign') }},
            case when has_tags then campaign_name end
        ) as utm_campaign,
        {{ lead_scoring.json_object({
            'search_term': 'param_search_term',
            'transaction_id': 'ecommerce_transaction_id',
            'currency': 'param_currency',
        }) }} as properties,
        -- numbers
        param_engagement_time_msec as engagement_milliseconds,
        case when event_word like 'video%' then coalesce(param_video_current_time, param_video_duration) end as video_seconds,
        -- GA4 turns every currency into dollars; without them the amount as the site sent it.
        coalesce(ecommerce_purchase_revenue_in_usd, value_in_usd, event_value_in_usd, ecommerce_purchase_revenue, param_value) as amount,
        batch_page_id,
        batch_ordering_id,
        batch_event_index,
        -- times
        happened_at as occurred_at,
        coalesce(_fivetran_synced, happened_at) as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('event') }},

        -- The day's table replaces the rows of the running day, and is written anew for three days: the later row is a correction. Of a purchase made twice the first stands.
        case
            when event_word <> 'purchase' or ecommerce_transaction_id is null
                then {{ lead_scoring.load_order_version('_fivetran_synced') }}
        end as event_version
    from named

)

select * from final
