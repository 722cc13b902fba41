-- Grain: event row as delivered. The columns of Snowplow's one wide table that scoring reads, with what its entities add.
{{ config(enabled='snowplow' in var('lead_scoring_sources')) }}

{% set web_page = ['contexts_com_snowplowanalytics_snowplow_web_page_1_0_0', 'contexts_com_snowplowanalytics_snowplow_web_page_1'] %}
{% set robots = ['contexts_com_iab_snowplow_spiders_and_robots_1_0_0', 'contexts_com_iab_snowplow_spiders_and_robots_1'] %}
{% set agent = ['contexts_nl_basjes_yauaa_context_1_0_0', 'contexts_nl_basjes_yauaa_context_1'] %}
{% set form = ['unstruct_event_com_snowplowanalytics_snowplow_submit_form_1_0_0', 'unstruct_event_com_snowplowanalytics_snowplow_submit_form_1'] %}
{% set search = ['unstruct_event_com_snowplowanalytics_snowplow_site_search_1_0_0', 'unstruct_event_com_snowplowanalytics_snowplow_site_search_1'] %}
{% set action = [
    'unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1_0_2',
    'unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1',
] %}
{% set transaction = ['contexts_com_snowplowanalytics_snowplow_ecommerce_transaction_1_0_0', 'contexts_com_snowplowanalytics_snowplow_ecommerce_transaction_1'] %}
with source as (

    select * from {{ source('snowplow', 'events') }}

),

read as (

    select
        *,
        -- The event_name of a structured event is `event`.
        case when event = 'struct' then 'STRUCT' else upper(coalesce(event_name, event)) end as event_code,
        {{ lead_scoring.snowplow_text(web_page, ['id']) }} as page_view_id,
        {{ lead_scoring.text_to_boolean(lead_scoring.snowplow_text(robots, ['spiderOrRobot', 'spider_or_robot'])) }} as is_listed_robot,
        {{ lead_scoring.snowplow_text(agent, ['deviceClass', 'device_class']) }} as device_class,
        {{ lead_scoring.snowplow_text(form, ['formId', 'form_id']) }} as form_id,
        {{ lead_scoring.snowplow_text(search, ['terms']) }} as search_terms,
        {{ lead_scoring.snowplow_text(action, ['type']) }} as ecommerce_action,
        {{ lead_scoring.text_to_double(lead_scoring.snowplow_text(transaction, ['revenue'])) }} as ecommerce_revenue,
        {{ lead_scoring.snowplow_text(transaction, ['transactionId', 'transaction_id']) }} as ecommerce_order_id
    from source

),

judged as (

    select
        *,
        -- Three witnesses: the list of the IAB, yauaa's class of device (Robot, Robot Mobile, Robot Imitator) and the browser's own word.
        coalesce(is_listed_robot, false)
        or coalesce(device_class like 'Robot%', false)
        or {{ lead_scoring.is_robot('useragent') }} as is_robot
    from read

),

final as (

    select
        -- ids
        -- A page view has an id of its own, which stays when a tracker sends it twice under two event ids.
        case
            when event_code = 'PAGE_VIEW' and page_view_id is not null then 'page_view:' || page_view_id
            else event_id
        end as event_id,
        page_view_id,
        user_id,
        domain_userid as anonymous_id,
        domain_sessionid as session_id,
        -- strings
        -- What a robot does is out of scope, whatever it is.
        case when is_robot then 'ROBOT' else event_code end as vendor_type,
        case
            when is_robot then null
            when event_code = 'STRUCT' then 'STRUCT_' || upper(replace(se_category || '_' || se_action, ' ', '_'))
            when event_code = 'SNOWPLOW_ECOMMERCE_ACTION' then event_code || '_' || upper(ecommerce_action)
        end as native_code,
        coalesce(page_urlpath, {{ lead_scoring.url_path('page_url') }}) as page_path,
        page_title,
        page_referrer as referrer,
        coalesce(form_id, se_label) as asset,
        mkt_source as utm_source,
        mkt_medium as utm_medium,
        mkt_campaign as utm_campaign,
        {{ lead_scoring.json_object({
            'search_terms': 'search_terms',
            'order_id': 'coalesce(ecommerce_order_id, tr_orderid)',
            'se_property': 'se_property',
            'se_value': 'cast(se_value as string)',
        }) }} as properties,
        -- numbers
        -- tr_total_base is the total in the base currency, where the enrichment that converts is on.
        case
            when event_code = 'TRANSACTION' then coalesce(tr_total_base, tr_total)
            when event_code = 'SNOWPLOW_ECOMMERCE_ACTION' then ecommerce_revenue
        end as amount,
        -- times
        -- The tracker's time, corrected for a clock that goes wrong and for the time that the event waited on the device.
        coalesce(derived_tstamp, collector_tstamp) as occurred_at,
        coalesce(dvce_created_tstamp, derived_tstamp, collector_tstamp) as device_at,
        coalesce(load_tstamp, collector_tstamp) as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('events') }}
    from judged

)

select * from final
