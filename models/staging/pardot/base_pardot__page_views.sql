-- Grain: row of visitor_page_view as delivered. Pages that a visitor saw; who the visitor is, the visit or the visitor may know.
{{ config(enabled='pardot' in var('lead_scoring_sources')) }}

{% set time_zone = var('lead_scoring_source_timezones').get('pardot', 'UTC') %}
with source as (

    select * from {{ source('pardot', 'visitor_page_view') }}

),

visits as (

    {{ lead_scoring.latest_rows(source('pardot', 'visit'), 'id', [
        'visitor_id', 'prospect_id', 'source_parameter', 'medium_parameter', 'campaign_parameter',
    ]) }}

),

visitors as (

    {{ lead_scoring.latest_rows(source('pardot', 'visitor'), 'id', ['prospect_id']) }}

),

final as (

    select
        -- ids
        'page_view:' || source.id as event_id,
        coalesce(source.prospect_id, visits.prospect_id, visitors.prospect_id) as contact_id,
        coalesce(source.visitor_id, visits.visitor_id) as anonymous_id,
        source.visit_id as session_id,
        cast(null as string) as email_id,
        -- strings
        'PAGE_VIEW' as vendor_type,
        cast(null as string) as native_code,
        cast(null as string) as campaign,
        source.url as page_url,
        source.title as page_title,
        cast(null as string) as link_url,
        cast(null as string) as asset,
        visits.source_parameter,
        visits.medium_parameter,
        visits.campaign_parameter,
        cast(null as string) as properties,
        -- numbers
        cast(null as double) as duration_seconds,
        -- times
        {{ lead_scoring.local_to_utc('source.created_at', time_zone) }} as occurred_at,
        coalesce(source._fivetran_synced, {{ lead_scoring.local_to_utc('source.created_at', time_zone) }}) as loaded_at,

        -- provenance
        source._raw_unreadable as unreadable_columns,
        'visitor_page_view' as raw_table,
        source._raw_file as raw_file,
        source._raw_row as raw_row,
        source._raw_text as raw_text
    from source
    left join visits on source.visit_id = visits.id
    left join visitors on coalesce(source.visitor_id, visits.visitor_id) = visitors.id

)

select * from final
