-- Grain: visit, event type that its link stands for. The click that brought somebody here, as tagged_links.csv reads it from the tags of the page's address:
-- an event beside the page view, once a visit, since some tools repeat the tags on every page.
{% set columns = [
    'lead_id', 'event_hash', 'source', 'occurred_at', 'occurred_on', 'email', 'contact_id', 'anonymous_id', 'page_path', 'page_title', 'referrer', 'email_id', 'link_url', 'asset',
    'campaign', 'utm_source', 'utm_medium', 'utm_campaign', 'amount', 'properties',
] %}

with page_views as (

    select * from {{ ref('int_events_attributed') }}
    where event_type = 'page_viewed' and coalesce(utm_source, utm_medium, utm_campaign) is not null

),

duplicates as (

    select distinct event_key from {{ ref('int_cross_source_duplicates') }}

),

page_views_sessionised as (

    select * from {{ ref('int_page_views_sessionised') }}

),

tagged_links as (

    select * from {{ ref('stg_config__tagged_links') }}

),

event_types as (

    select * from {{ ref('stg_config__event_types') }}

),

tags_compared as (

    select
        page_views.event_key as page_view_key,
        page_views.{{ columns | join(',\n        page_views.') }},
        coalesce(page_views.session_id, page_views_sessionised.session_id) as session_id,
        tagged_links.event_type,
        event_types.is_engagement,
        event_types.is_machine
    from page_views
    cross join tagged_links
    inner join event_types on tagged_links.event_type = event_types.event_type
    left join page_views_sessionised on page_views.event_key = page_views_sessionised.event_key
    left join duplicates on page_views.event_key = duplicates.event_key
    where (tagged_links.utm_source is null or tagged_links.utm_source = {{ lead_scoring.comparable('page_views.utm_source') }})
        and (tagged_links.utm_medium is null or tagged_links.utm_medium = {{ lead_scoring.comparable('page_views.utm_medium') }})
        and (tagged_links.utm_campaign is null or tagged_links.utm_campaign = {{ lead_scoring.comparable('page_views.utm_campaign') }})
        and duplicates.event_key is null

),

arrivals_ranked as (

    select
        *,
        row_number() over (partition by lead_id, source, session_id, event_type order by occurred_at, page_view_key) as arrival_rank
    from tags_compared

),

final as (

    select
        page_view_key || ':' || event_type as event_key,
        page_view_key,
        session_id,
        event_type,
        is_engagement,
        is_machine,
        {{ columns | join(',\n        ') }}
    from arrivals_ranked
    where arrival_rank = 1

)

select * from final
