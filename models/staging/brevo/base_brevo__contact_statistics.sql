-- Grain: contact as delivered x what it did x campaign (x link). Brevo keeps, for each campaign, how often and when last: no single opens and clicks.
{{ config(enabled='brevo' in var('lead_scoring_sources')) }}

{% set lists = [
    'messagesSent', 'delivered', 'opened', 'clicked', 'hardBounces', 'softBounces', 'complaints', 'unsubscriptions.userUnsubscription',
    'unsubscriptions.adminUnsubscription',
] %}
with source as (

    select * from {{ source('brevo', 'contact_statistics') }}

),

items as (

    {% for list in lists %}
    select
        id as contact_id,
        email,
        _airbyte_extracted_at as extracted_at,
        'STATISTICS{{ list.split('.') | last | upper }}' as vendor_type,
        {{ lead_scoring.json_items('statistics', list) }} as item,
        {{ lead_scoring.provenance('contact_statistics') }}
    from source
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- Of clicks the list holds campaigns, and each of them a list of links.
links as (

    select
        contact_id,
        vendor_type,
        {{ lead_scoring.json_text('item', "'campaignId'") }} as campaign_id,
        {{ lead_scoring.json_items('item', 'links') }} as item,
        email,
        extracted_at,
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from items
    where vendor_type = 'STATISTICSCLICKED'

),

united as (

    select
        contact_id, vendor_type, campaign_id, item, email, extracted_at, unreadable_columns, raw_table, raw_file, raw_row, raw_text
    from links
    union all
    select
        contact_id,
        vendor_type,
        {{ lead_scoring.json_text('item', "'campaignId'") }} as campaign_id,
        item,
        email,
        extracted_at,
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from items
    where vendor_type <> 'STATISTICSCLICKED'

),

read as (

    select
        *,
        {{ lead_scoring.json_text('item', "'url'") }} as link_url,
        {{ lead_scoring.json_text('item', "'count'") }} as event_count,
        {{ lead_scoring.json_text('item', "'eventTime'") }} as event_time
    from united

),

timed as (

    select
        *,
        {{ lead_scoring.text_to_timestamp('event_time') }} as occurred_at
    from read

),

final as (

    select
        -- ids
        'statistics:' || contact_id || ':' || vendor_type || ':' || coalesce(campaign_id, '') || coalesce(':' || link_url, '') as event_id,
        email,
        contact_id,
        campaign_id,
        -- strings
        vendor_type,
        link_url,
        {{ lead_scoring.json_object({'count': 'event_count'}) }} as properties,
        -- times
        occurred_at,
        coalesce(extracted_at, occurred_at) as loaded_at,

        -- provenance
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from timed

)

select * from final
