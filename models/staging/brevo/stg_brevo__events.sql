-- Grain: webhook call as delivered; row of the transactional report; contact x what it did x campaign (x link) of the contact statistics.
{{ config(enabled='brevo' in var('lead_scoring_sources')) }}

with webhooks as (

    select * from {{ ref('base_brevo__webhooks') }}

),

reports as (

    select * from {{ source('brevo', 'transactional_event') }}

),

contact_statistics as (

    select * from {{ ref('base_brevo__contact_statistics') }}

),

vendor_events as (

    select
        cast(null as string) as event_id, email, contact_id, coalesce(campaign_id, message_id) as email_id, vendor_type, campaign, link_url, reason,
        template_id, tag, cast(null as string) as properties, occurred_at, loaded_at, unreadable_columns, raw_table, raw_file, raw_row, raw_text
    from webhooks
    union all
    select
        null as event_id, email, null as contact_id, messageid as email_id,
        replace(replace(upper({{ lead_scoring.trimmed('event') }}), '_', ''), ' ', '') as vendor_type, null as campaign, link as link_url, reason,
        templateid as template_id, tag, null as properties, date as occurred_at, coalesce(_airbyte_extracted_at, date) as loaded_at,
        {{ lead_scoring.provenance('transactional_event') }}
    from reports
    union all
    select
        event_id, email, contact_id, campaign_id as email_id, vendor_type, null as campaign, link_url, null as reason,
        null as template_id, null as tag, properties, occurred_at, loaded_at, unreadable_columns, raw_table, raw_file, raw_row, raw_text
    from contact_statistics

),

coded as (

    select
        *,
        cast(null as string) as native_code
    from vendor_events

),

translated as (

    {{ lead_scoring.with_event_types('coded', 'brevo') }}

),

-- What a webhook told of a campaign, event by event, the statistics need not tell again.
told_by_webhook as (

    select distinct
        {{ lead_scoring.normalised_email('email') }} as normalised_email,
        email_id,
        event_type
    from translated
    where raw_table = 'webhook' and event_type is not null

),

judged as (

    select
        translated.*,
        told_by_webhook.event_type is not null as is_told_already,
        -- The link of anything but a click is one that the e-mail holds.
        case when translated.vendor_type like '%CLICK%' then translated.link_url end as clicked_url
    from translated
    left join told_by_webhook
        on {{ lead_scoring.normalised_email('translated.email') }} = told_by_webhook.normalised_email
        and translated.email_id = told_by_webhook.email_id
        and translated.event_type = told_by_webhook.event_type
        and translated.raw_table = 'contact_statistics'

),

final as (

    select
        -- ids
        -- Brevo's `id` is the webhook's, no event has one. By what it means, not by how it is spelt, to whom, in which e-mail and in which second: then a
        -- call that was repeated, the first opening (opened and unique_opened) and the report's row of it are one event.
        coalesce(event_id, md5(concat_ws(
            '|', coalesce(event_type, vendor_type, ''), coalesce({{ lead_scoring.normalised_email('email') }}, ''), coalesce(email_id, ''),
            coalesce(clicked_url, ''), coalesce(substring(cast(occurred_at as string), 1, 19), '')
        ))) as event_id,
        email,
        contact_id,
        email_id,
        {{ lead_scoring.null_columns('events', ['anonymous_id', 'session_id', 'amount']) }},
        -- strings
        case when not is_told_already then event_type end as event_type,
        {{ lead_scoring.null_columns('events', ['page_path', 'page_title', 'referrer', 'asset', 'utm_source', 'utm_medium', 'utm_campaign']) }},
        clicked_url as link_url,
        campaign,
        -- The vendor's own word, where a reason says more than our code.
        coalesce(properties, {{ lead_scoring.json_object({
            'vendor_event': "case when reason is not null then vendor_type end",
            'reason': 'reason',
            'template_id': 'template_id',
            'tag': 'tag',
        }) }}) as properties,
        -- numbers
        -- Statistics are written again with each further open: the later ones are a correction.
        case when raw_table = 'contact_statistics' then {{ lead_scoring.load_order_version('loaded_at') }} end as event_version,
        cast(null as double) as duration_seconds,
        -- booleans
        false as is_deleted,
        is_out_of_scope or is_told_already as is_out_of_scope,
        -- times
        occurred_at,
        loaded_at,

        -- provenance
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from judged

)

select * from final
