-- Grain: Mailgun event as posted. Since 2018 the event stands in `event-data`, beside its signature; before, its fields were those of a form.
{{ config(enabled='email_webhooks' in var('lead_scoring_sources')) }}

with items as (

    select
        items.*,
        {{ lead_scoring.json_text('item', "'event-data'") }} as event_data
    from {{ ref('base_email_webhooks__items') }} as items
    where raw_table = 'mailgun'

),

opened as (

    select
        items.*,
        coalesce(event_data, item) as event_body,
        {{ lead_scoring.json_text(lead_scoring.json_text('event_data', "'message'"), "'headers'") }} as headers,
        {{ lead_scoring.json_text(lead_scoring.json_text('event_data', "'client-info'"), "'bot'") }} as bot,
        {{ lead_scoring.json_text(lead_scoring.json_text('event_data', "'delivery-status'"), "'code'") }} as delivery_code,
        case when event_data is null then {{ lead_scoring.json_text('item', "'code'") }} end as legacy_code
    from items

),

fields as (

    select
        opened.*,
        upper({{ lead_scoring.trimmed(lead_scoring.json_text('event_body', "'event'")) }}) as stated_code,
        upper({{ lead_scoring.json_text('event_body', "'severity'") }}) as severity,
        {{ lead_scoring.json_text('event_body', "'reason'") }} as reason,
        {{ lead_scoring.json_text('event_body', "'id'") }} as mailgun_id,
        {{ lead_scoring.json_text('event_body', "'timestamp'") }} as stated_time,
        {{ lead_scoring.json_text('headers', "'to'") }} as addressee,
        coalesce(
            {{ lead_scoring.json_text('headers', "'message-id'") }}, {{ lead_scoring.json_text('item', "'Message-Id'") }}, {{ lead_scoring.json_text('item', "'message-id'") }}
        ) as stated_message_id,
        coalesce({{ lead_scoring.json_text(lead_scoring.json_text('item', "'signature'"), "'token'") }}, {{ lead_scoring.json_text('item', "'token'") }}) as token
    from opened

),

codes as (

    select
        fields.*,
        case
            when stated_code = 'FAILED' then 'FAILED' || coalesce('_' || severity, '')
            -- A message that somebody wrote to us: a form without an event.
            when stated_code is null and {{ lead_scoring.json_text('item', "'sender'") }} is not null then 'INBOUND'
            else stated_code
        end as event_code,
        '<' || regexp_replace(regexp_replace(stated_message_id, '^<', ''), '>$', '') || '>' as message_id
    from fields

),

final as (

    select
        -- ids
        -- Mailgun's id is unique within a day only. The token is that of the post: it names the event where there is no id.
        coalesce(mailgun_id || ':' || stated_time, token, md5(item)) as event_id,
        -- What was rejected names its recipient in the header alone, as `Name <address>`.
        coalesce({{ lead_scoring.json_text('event_body', "'recipient'") }}, nullif(regexp_extract(addressee, '<([^>]*)>', 1), ''), addressee) as email,
        message_id as email_id,
        message_id,
        -- strings
        event_code,
        case
            when stated_code = 'FAILED' then event_code || '_' || upper(replace(reason, '-', '_'))
            -- Mailgun: apple, gmail or generic when it takes an open or a click for that of a machine, else empty.
            when bot is not null and stated_code in ('OPENED', 'CLICKED') then event_code || '_BOT'
        end as exact_code,
        {{ lead_scoring.json_text('event_body', "'campaign-name'") }} as campaign,
        {{ lead_scoring.json_text('event_body', "'url'") }} as link_url,
        reason,
        case
            when event_data is not null and reason in ('bounce', 'suppress-bounce') then 'bounced'
            when event_data is not null and reason = 'suppress-complaint' then 'spam'
            when event_data is not null and reason = 'suppress-unsubscribe' then 'unsubscribed'
            when event_data is not null and (reason is not null or stated_code = 'REJECTED') then 'other'
            -- Codes of SMTP, and of Mailgun's own: 499 nobody answered, 605 bounced before, 607 called spam before.
            when legacy_code = '499' then 'timed_out'
            when legacy_code = '607' then 'spam'
            when legacy_code = '605' or {{ lead_scoring.matches_regex('legacy_code', "'^[45]([0-9][0-9]|[.].*)$'") }} then 'bounced'
            when legacy_code is not null then 'other'
        end as reject_reason,
        coalesce(delivery_code, legacy_code) as status,
        coalesce(
            {{ lead_scoring.json_text('event_body', "'tags'") }}, {{ lead_scoring.json_text('item', "'tag'") }}, {{ lead_scoring.json_text('item', "'X-Mailgun-Tag'") }}
        ) as tags,
        -- times
        stated_time,
        received_at,

        -- provenance
        is_empty,
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from codes

)

select * from final
