-- Grain: webhook call as delivered, of marketing or transactional e-mails. The body stands in `payload`, or its keys are the columns.
{{ config(enabled='brevo' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('brevo', 'webhook') }}

),

opened as (

    select
        coalesce(event, {{ lead_scoring.json_text('payload', "'event'") }}) as event_name,
        coalesce(email, {{ lead_scoring.json_text('payload', "'email'") }}) as email,
        -- 0 stands for a recipient who is no contact.
        nullif(coalesce(contact_id, {{ lead_scoring.json_text('payload', "'contact_id'") }}), '0') as contact_id,
        coalesce({{ adapter.quote('message-id') }}, message_id, {{ lead_scoring.json_text('payload', "'message-id'") }}) as message_id,
        coalesce(camp_id, {{ lead_scoring.json_text('payload', "'camp_id'") }}) as campaign_id,
        coalesce({{ adapter.quote('campaign name') }}, campaign_name, {{ lead_scoring.json_text('payload', "'campaign name'") }}) as campaign,
        coalesce(link, url, {{ lead_scoring.json_text('payload', "'link'") }}, {{ lead_scoring.json_text('payload', "'URL'") }}) as link_url,
        coalesce(reason, {{ lead_scoring.json_text('payload', "'reason'") }}) as reason,
        coalesce(template_id, {{ lead_scoring.json_text('payload', "'template_id'") }}) as template_id,
        coalesce(tag, {{ lead_scoring.json_text('payload', "'tag'") }}) as tag,
        coalesce(msg_status, {{ lead_scoring.json_text('payload', "'msg_status'") }}) as sms_status,
        coalesce(ts_epoch, {{ lead_scoring.json_text('payload', "'ts_epoch'") }}) as ts_epoch,
        coalesce(s_epoch, {{ lead_scoring.json_text('payload', "'s_epoch'") }}) as s_epoch,
        coalesce(ts_event, {{ lead_scoring.json_text('payload', "'ts_event'") }}) as ts_event,
        coalesce(ts, {{ lead_scoring.json_text('payload', "'ts'") }}) as ts,
        received_at,
        {{ lead_scoring.provenance('webhook') }}
    from source

),

timed as (

    select
        *,
        -- Only ts_epoch (milliseconds) is UTC in transactional calls, where ts_event may be the account's local time; marketing calls have no ts_epoch, and
        -- their ts_event (seconds) is UTC. s_epoch is how Brevo's samples of proxy opens spell ts_epoch. Changes of contacts have nothing but ts.
        {{ lead_scoring.text_to_timestamp(lead_scoring.trimmed('coalesce(ts_epoch, s_epoch, ts_event, ts)')) }} as occurred_at
    from opened

),

final as (

    select
        -- ids
        email,
        contact_id,
        message_id,
        campaign_id,
        -- strings
        -- One event has up to three spellings: hardBounce, hard_bounce, hard bounce. Text messages have a status in place of an event.
        replace(replace(upper({{ lead_scoring.trimmed("coalesce(event_name, case when sms_status is not null then 'sms' end)") }}), '_', ''), ' ', '') as vendor_type,
        campaign,
        link_url,
        reason,
        template_id,
        tag,
        -- times
        occurred_at,
        coalesce(received_at, occurred_at) as loaded_at,

        -- provenance
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from timed

)

select * from final
