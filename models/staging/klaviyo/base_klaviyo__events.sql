-- Grain: event row as delivered, with the names of its metric and message. Fivetran names the columns of Klaviyo's properties `property_email_domain` in some
-- accounts and `propertyemaildomain` in others; here they have one name.
{{ config(enabled='klaviyo' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('klaviyo', 'event') }}

),

metrics as (

    {{ lead_scoring.latest_rows(source('klaviyo', 'metric'), 'id', ['name']) }}

),

campaigns as (

    {{ lead_scoring.latest_rows(source('klaviyo', 'campaign'), 'id', ['name', 'subject']) }}

),

flows as (

    {{ lead_scoring.latest_rows(source('klaviyo', 'flow'), 'id', ['name']) }}

),

{% set properties = [
    'value', 'currency_code', 'bounce_type', 'url', 'page', 'title', 'name', 'brand', 'categories', 'items', 'list', 'subject', 'source_name',
] %}
joined as (

    select
        source.id,
        source.uuid,
        source.person_id,
        source.campaign_id,
        source.flow_message_id,
        source.flow_id,
        coalesce(source.type, metrics.name) as metric,
        coalesce(campaigns.name, campaigns.subject, source.property_campaign_name, source.propertycampaignname, flows.name) as campaign,
        {%- for name in properties %}
        coalesce(source.property_{{ name }}, source.property{{ name | replace('_', '') }}) as {{ name }},
        {%- endfor %}
        -- Klaviyo calls it an Apple privacy open: the person's device fetches the images, whether the e-mail was opened or not.
        coalesce(source.property_machine_open, source.propertymachineopen, false)
        or coalesce(source.property_apple_privacy_open, source.propertyappleprivacyopen, false) as is_machine_open,
        -- Bot Click: a machine followed the link to see whether it is safe.
        coalesce(source.property_bot_click, source.propertybotclick, false) as is_bot_click,
        source._fivetran_deleted as is_deleted,
        coalesce(source.timestamp, source.datetime) as occurred_at,
        coalesce(source._fivetran_synced, source.timestamp, source.datetime) as loaded_at,
        {{ lead_scoring.provenance('event', 'source') }}
    from source
    left join metrics on source.metric_id = metrics.id
    left join campaigns on source.campaign_id = campaigns.id
    left join flows on source.flow_id = flows.id

),

coded as (

    select
        joined.*,
        -- Opened Email becomes OPENED_EMAIL.
        upper(replace({{ lead_scoring.trimmed('metric') }}, ' ', '_')) as vendor_type
    from joined

),

final as (

    select
        coded.*,
        case
            when vendor_type = 'BOUNCED_EMAIL' then vendor_type || '_' || upper({{ lead_scoring.trimmed('bounce_type') }})
            when vendor_type = 'OPENED_EMAIL' and is_machine_open then vendor_type || '_MACHINE'
            when vendor_type in ('CLICKED_EMAIL', 'CLICKED_SMS') and is_bot_click then vendor_type || '_MACHINE'
        end as native_code,
        case when vendor_type = 'PLACED_ORDER' then {{ lead_scoring.text_to_double(lead_scoring.trimmed('value')) }} end as amount,
        -- A link that was clicked is one; else it is the page that somebody saw.
        case when vendor_type in ('CLICKED_EMAIL', 'CLICKED_SMS') then url end as link_url,
        case when vendor_type not in ('CLICKED_EMAIL', 'CLICKED_SMS') then coalesce(page, url) end as page_url
    from coded

)

select * from final
