-- Grain: row of an activity table as delivered.
{{ config(enabled='marketo' in var('lead_scoring_sources')) }}

with activities as (

    select * from {{ ref('base_marketo__activities') }}

),

translated as (

    {{ lead_scoring.with_event_types('activities', 'marketo') }}

),

final as (

    select
        -- ids
        -- With the type in front: Marketo numbers activities anew when it moves them.
        lower(vendor_type) || ':' || id as event_id,
        -- The lead is certain. The address in a bounce may be an old one, and would outweigh it.
        lead_id as contact_id,
        -- The e-mails of sales are numbered apart from those of campaigns.
        case
            when vendor_type like '%SALES_EMAIL%' then 'sales:' || primary_attribute_value_id
            when vendor_type like '%EMAIL%' then coalesce(email_template_id, primary_attribute_value_id)
        end as email_id,
        {{ lead_scoring.null_columns('events', ['email', 'anonymous_id', 'session_id', 'page_title', 'duration_seconds', 'amount']) }},
        -- strings
        event_type,
        {{ lead_scoring.url_path('webpage_url') }} as page_path,
        referrer_url as referrer,
        case when vendor_type = 'CLICK_LINK' then primary_attribute_value else link end as link_url,
        case
            when vendor_type in ('FILL_OUT_FORM', 'FILL_OUT_FACEBOOK_LEAD_ADS_FORM') then coalesce(lead_ad_form_name, primary_attribute_value)
            when vendor_type = 'CHANGE_STATUS_IN_PROGRESSION' then primary_attribute_value
            when vendor_type = 'CLICK_LINK' then nullif(regexp_extract({{ lead_scoring.url_path('primary_attribute_value') }}, '([^/]*)$', 1), '')
        end as asset,
        campaign,
        {{ lead_scoring.url_parameter("'?' || query_parameters", 'utm_source') }} as utm_source,
        {{ lead_scoring.url_parameter("'?' || query_parameters", 'utm_medium') }} as utm_medium,
        {{ lead_scoring.url_parameter("'?' || query_parameters", 'utm_campaign') }} as utm_campaign,
        -- The vendor's own words, where they say more than our code.
        {{ lead_scoring.json_object({
            'bounce_category': 'bounce_category',
            'bounce_subcategory': 'bounce_subcategory',
            'bot_activity_pattern': 'bot_activity_pattern',
            'new_status': 'new_status',
        }) }} as properties,
        -- numbers
        -- Fivetran replaces rows: of several deliveries the later one is a correction.
        {{ lead_scoring.load_order_version('synced_at') }} as event_version,
        -- booleans
        false as is_deleted,
        is_out_of_scope,
        -- times
        occurred_at,
        -- Where Fivetran's column was left off, an activity is taken for known when it happened.
        coalesce(synced_at, occurred_at) as loaded_at,

        -- provenance
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from translated

)

select * from final
