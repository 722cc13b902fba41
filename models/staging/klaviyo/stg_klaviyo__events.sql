-- Grain: event row as delivered.
{{ config(enabled='klaviyo' in var('lead_scoring_sources')) }}

with events as (

    select * from {{ ref('base_klaviyo__events') }}

),

-- BOUNCED_EMAIL_HARD is hard, BOUNCED_EMAIL of any other type soft.
translated as (

    {{ lead_scoring.with_event_types('events', 'klaviyo') }}

),

final as (

    select
        -- ids
        -- Different events of one second may share a uuid, so the id decides.
        coalesce(id, uuid) as event_id,
        person_id as contact_id,
        coalesce(flow_message_id, campaign_id) as email_id,
        {{ lead_scoring.null_columns('events', ['email', 'anonymous_id', 'session_id']) }},
        -- strings
        event_type,
        campaign,
        link_url,
        {{ lead_scoring.url_path('page_url') }} as page_path,
        title as page_title,
        {{ lead_scoring.url_parameter('page_url', 'utm_source') }} as utm_source,
        {{ lead_scoring.url_parameter('page_url', 'utm_medium') }} as utm_medium,
        {{ lead_scoring.url_parameter('page_url', 'utm_campaign') }} as utm_campaign,
        {{ lead_scoring.null_columns('events', ['referrer', 'asset']) }},
        {{ lead_scoring.json_object({
            'metric': 'metric',
            'subject': 'subject',
            'list': 'list',
            'bounce_type': 'bounce_type',
            'name': 'name',
            'brand': 'brand',
            'categories': 'categories',
            'items': 'items',
            'currency_code': 'currency_code',
            'source_name': 'source_name',
        }) }} as properties,
        -- numbers
        -- Fivetran replaces rows: of several deliveries the later one is a correction.
        {{ lead_scoring.load_order_version('loaded_at') }} as event_version,
        amount,
        {{ lead_scoring.null_columns('events', ['duration_seconds']) }},
        -- booleans
        is_deleted,
        is_out_of_scope,
        -- times
        occurred_at,
        loaded_at,

        -- provenance
        -- Any property may be called $value; it has to be a number where it is money.
        case
            when unreadable_columns is null and vendor_type = 'PLACED_ORDER' and value is not null and amount is null then 'property_value'
            else unreadable_columns
        end as unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from translated

)

select * from final
