-- Grain: row of visitor_activity as delivered. What a visitor or prospect did, and to which asset.
{{ config(enabled='pardot' in var('lead_scoring_sources')) }}

{% set time_zone = var('lead_scoring_source_timezones').get('pardot', 'UTC') %}
with source as (

    select * from {{ source('pardot', 'visitor_activity') }}

),

visitors as (

    {{ lead_scoring.latest_rows(source('pardot', 'visitor'), 'id', ['prospect_id']) }}

),

visits as (

    {{ lead_scoring.latest_rows(source('pardot', 'visit'), 'id', [
        'duration_in_seconds', 'source_parameter', 'medium_parameter', 'campaign_parameter', '_raw_unreadable',
    ]) }}

),

page_views as (

    {{ lead_scoring.latest_rows(source('pardot', 'visitor_page_view'), 'id', ['visit_id', 'url', 'title']) }}

),

campaigns as (

    {{ lead_scoring.latest_rows(source('pardot', 'campaign'), 'id', ['name']) }}

),

prospects as (

    {{ lead_scoring.latest_rows(source('pardot', 'prospect'), 'id', ['is_email_hard_bounced']) }}

),

-- The ids that are there say what was clicked, viewed or sent. "A form on a landing page counts as landing page success only": both ids are there, and the
-- landing page comes first. Where no id is there, the type's name is left, as `Email Tracker`.
assets_named as (

    select
        *,
        {{ lead_scoring.trimmed('type') }} as vendor_type,
        case
            when landing_page_id is not null then 'LANDING_PAGE'
            when form_handler_id is not null then 'FORM_HANDLER'
            when form_id is not null then 'FORM'
            when file_id is not null then 'FILE'
            when custom_redirect_id is not null then 'CUSTOM_REDIRECT'
            when paid_search_ad_id is not null then 'PAID_SEARCH_AD'
            when site_search_query_id is not null then 'SITE_SEARCH'
            when coalesce(email_id, list_email_id, email_template_id) is not null then 'EMAIL'
            when visitor_page_view_id is not null then 'PAGE_VIEW'
            else upper(replace({{ lead_scoring.trimmed('type_name') }}, ' ', '_'))
        end as asset_kind,
        case when lower(details) like 'http://%' or lower(details) like 'https://%' then details end as details_url
    from source

),

joined as (

    select
        assets_named.*,
        coalesce(assets_named.prospect_id, visitors.prospect_id) as contact_id,
        coalesce(assets_named.visit_id, page_views.visit_id) as session_id,
        coalesce(page_views.url, case when assets_named.asset_kind in ('PAGE_VIEW', 'LANDING_PAGE') then assets_named.details_url end) as page_url,
        page_views.title as page_title,
        -- "Visit" is the visit as a whole: its length belongs to this one row, not to all that happened in it.
        case when assets_named.vendor_type = '20' then visits.duration_in_seconds end as duration_seconds,
        case when assets_named.vendor_type = '20' then visits._raw_unreadable end as unreadable_visit,
        visits.source_parameter,
        visits.medium_parameter,
        visits.campaign_parameter,
        coalesce(campaigns.name, assets_named.campaign_id) as campaign,
        -- "Bounced" does not say for how long; the prospect does, once its address is given up.
        assets_named.vendor_type || '_' || case
            when assets_named.vendor_type = '13' and prospects.is_email_hard_bounced then 'HARD' else assets_named.asset_kind
        end as native_code
    from assets_named
    left join visitors on assets_named.visitor_id = visitors.id
    left join page_views on assets_named.visitor_page_view_id = page_views.id
    left join visits on coalesce(assets_named.visit_id, page_views.visit_id) = visits.id
    left join campaigns on assets_named.campaign_id = campaigns.id
    left join prospects on assets_named.prospect_id = prospects.id

),

final as (

    select
        -- ids
        -- The view of a page may stand in visitor_page_view, too, and is one.
        case
            when vendor_type = '2' and asset_kind in ('PAGE_VIEW', 'LANDING_PAGE') and visitor_page_view_id is not null
                then 'page_view:' || visitor_page_view_id
            else id
        end as event_id,
        contact_id,
        visitor_id as anonymous_id,
        session_id,
        coalesce(email_id, list_email_id, email_template_id) as email_id,
        -- strings
        vendor_type,
        native_code,
        campaign,
        page_url,
        page_title,
        case when page_url is null then details_url end as link_url,
        case
            when coalesce(asset_kind, '') not in ('EMAIL', 'EMAIL_TRACKER', 'PAGE_VIEW', 'VISIT')
                then coalesce(
                    case when details_url is null then details end, landing_page_id, form_handler_id, form_id, file_id, custom_redirect_id, paid_search_ad_id
                )
        end as asset,
        source_parameter,
        medium_parameter,
        campaign_parameter,
        {{ lead_scoring.json_object({'activity': "coalesce(native_code, vendor_type)", 'type_name': 'type_name', 'details': 'details'}) }} as properties,
        -- numbers
        duration_seconds,
        -- times
        {{ lead_scoring.local_to_utc('created_at', time_zone) }} as occurred_at,
        coalesce(_fivetran_synced, {{ lead_scoring.local_to_utc('created_at', time_zone) }}) as loaded_at,

        -- provenance
        case
            when _raw_unreadable is not null and unreadable_visit is not null then _raw_unreadable || ',' || unreadable_visit
            else coalesce(_raw_unreadable, unreadable_visit)
        end as unreadable_columns,
        'visitor_activity' as raw_table,
        _raw_file as raw_file,
        _raw_row as raw_row,
        _raw_text as raw_text
    from joined

)

select * from final
