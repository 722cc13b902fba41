-- Grain: page view whose source knows no visits. A visit ends with a silence, and begins anew where somebody comes back through another campaign.
{% set visitor = 'lead_id, source, anonymous_id' %}

with page_views as (

    select
        lead_id,
        source,
        anonymous_id,
        event_key,
        occurred_at,
        coalesce(utm_source, utm_medium, utm_campaign) is not null as has_campaign,
        coalesce(utm_source, '') || chr(31) || coalesce(utm_medium, '') || chr(31) || coalesce(utm_campaign, '') as campaign_tags
    from {{ ref('int_events_attributed') }}
    where event_type = 'page_viewed' and session_id is null

),

duplicates as (

    select distinct event_key from {{ ref('int_cross_source_duplicates') }}

),

silences_measured as (

    select
        page_views.*,
        {{ lead_scoring.seconds_between('lag(page_views.occurred_at) over (partition by ' ~ visitor ~ ' order by page_views.occurred_at, page_views.event_key)', 'page_views.occurred_at') }} as silence_seconds
    from page_views
    left join duplicates on page_views.event_key = duplicates.event_key
    where duplicates.event_key is null

),

split_by_silence as (

    select
        *,
        sum(case when silence_seconds < {{ var('lead_scoring_session_minutes') }} * 60 then 0 else 1 end) over (
            partition by {{ visitor }} order by occurred_at, event_key rows between unbounded preceding and current row
        ) as stretch
    from silences_measured

),

-- The campaign that this one follows within the same stretch: pages without tags belong to the campaign before them.
campaigns_followed as (

    select
        *,
        lag(campaign_tags) over (partition by {{ visitor }}, stretch, has_campaign order by occurred_at, event_key) as previous_tags,
        row_number() over (partition by {{ visitor }}, stretch order by occurred_at, event_key) as position_in_stretch
    from split_by_silence

),

split_by_campaign as (

    select
        *,
        sum(
            case
                when position_in_stretch = 1 then 1
                when has_campaign and (previous_tags is null or previous_tags <> campaign_tags) then 1
                else 0
            end
        ) over (partition by {{ visitor }} order by occurred_at, event_key rows between unbounded preceding and current row) as visit_number
    from campaigns_followed

),

final as (

    select
        event_key,
        'visit:' || first_value(event_key) over (
            partition by {{ visitor }}, visit_number order by occurred_at, event_key
        ) as session_id
    from split_by_campaign

)

select * from final
