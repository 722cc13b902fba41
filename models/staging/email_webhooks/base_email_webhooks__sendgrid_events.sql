-- Grain: SendGrid event as posted.
{{ config(enabled='email_webhooks' in var('lead_scoring_sources')) }}

with items as (

    select * from {{ ref('base_email_webhooks__items') }}
    where raw_table = 'sendgrid'

),

fields as (

    select
        items.*,
        upper({{ lead_scoring.trimmed(lead_scoring.json_text('item', "'event'")) }}) as event_code,
        {{ lead_scoring.json_text('item', "'type'") }} as bounce_type,
        {{ lead_scoring.json_text('item', "'reason'") }} as stated_reason,
        {{ lead_scoring.json_text('item', "'sg_message_id'") }} as sg_message_id,
        {{ lead_scoring.json_text('item', "'smtp-id'") }} as smtp_id,
        coalesce({{ lead_scoring.text_to_boolean(lead_scoring.json_text('item', "'sg_machine_open'")) }}, false) as is_machine_open
    from items

),

reasons as (

    select
        fields.*,
        -- What was dropped says why in `type` or in `reason`; of a bounce the reason is the server's sentence, which may quote the address, so only the type is kept.
        case when event_code = 'DROPPED' then coalesce(bounce_type, stated_reason) when event_code = 'BOUNCE' then bounce_type end as reason
    from fields

),

final as (

    select
        -- ids
        coalesce({{ lead_scoring.json_text('item', "'sg_event_id'") }}, md5(item)) as event_id,
        {{ lead_scoring.json_text('item', "'email'") }} as email,
        -- All events of a message have the same beginning of sg_message_id; `smtp-id` is missing from opens and clicks, sg_message_id from late bounces.
        coalesce(regexp_replace(sg_message_id, '[.](filter|recv).*$', ''), nullif(regexp_extract(smtp_id, '^<?([^@>]*)', 1), '')) as email_id,
        -- What the sender calls the message: django-anymail gives it an id of its own.
        coalesce({{ lead_scoring.json_text('item', "'anymail_id'") }}, smtp_id) as message_id,
        -- strings
        event_code,
        case
            when event_code = 'BOUNCE' then 'BOUNCE_' || upper({{ lead_scoring.trimmed('bounce_type') }})
            -- SendGrid: true when an Apple machine opened the message, not the recipient.
            when event_code = 'OPEN' and is_machine_open then 'OPEN_MACHINE'
        end as exact_code,
        coalesce(
            {{ lead_scoring.json_text('item', "'marketing_campaign_name'") }}, {{ lead_scoring.json_text('item', "'singlesend_name'") }}
        ) as campaign,
        {{ lead_scoring.json_text('item', "'url'") }} as link_url,
        reason,
        case
            when event_code <> 'DROPPED' then null
            when lower(reason) = 'invalid' then 'invalid'
            when lower(reason) in ('bounce', 'bounced address') then 'bounced'
            when lower(reason) = 'unsubscribed address' then 'unsubscribed'
            when lower(reason) = 'spam reporting address' then 'spam'
            when lower(reason) = 'blocked' then 'blocked'
            when lower(reason) = 'expired' then 'timed_out'
            else 'other'
        end as reject_reason,
        {{ lead_scoring.json_text('item', "'status'") }} as status,
        {{ lead_scoring.json_text('item', "'category'") }} as tags,
        -- times
        {{ lead_scoring.json_text('item', "'timestamp'") }} as stated_time,
        received_at,

        -- provenance
        is_empty,
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from reasons

)

select * from final
