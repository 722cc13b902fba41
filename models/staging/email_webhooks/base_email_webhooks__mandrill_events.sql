-- Grain: Mandrill (Mailchimp Transactional) event as posted: what happened to a message, a change of a list of blocked addresses, or a message to us.
{{ config(enabled='email_webhooks' in var('lead_scoring_sources')) }}

with items as (

    select
        items.*,
        {{ lead_scoring.json_text('item', "'msg'") }} as message
    from {{ ref('base_email_webhooks__items') }} as items
    where raw_table = 'mandrill'

),

fields as (

    select
        items.*,
        upper(replace({{ lead_scoring.trimmed('coalesce(' ~ lead_scoring.json_text('item', "'event'") ~ ', ' ~ lead_scoring.json_text('item', "'type'") ~ ')') }}, '-', '_')) as event_code,
        upper({{ lead_scoring.json_text(lead_scoring.json_text('item', "'user_agent_parsed'"), "'type'") }}) as agent_type,
        {{ lead_scoring.json_text('item', "'_id'") }} as message_id,
        {{ lead_scoring.json_text('item', "'url'") }} as link_url,
        {{ lead_scoring.json_text('item', "'ts'") }} as stated_time
    from items

),

final as (

    select
        -- ids
        -- An event has no id of its own, `_id` is that of the message.
        md5(case when message_id is null then item else message_id || '|' || coalesce(event_code, '') || '|' || coalesce(stated_time, '') || '|' || coalesce(link_url, '') end) as event_id,
        coalesce({{ lead_scoring.json_text('message', "'email'") }}, {{ lead_scoring.json_text(lead_scoring.json_text('item', "'reject'"), "'email'") }}) as email,
        message_id as email_id,
        message_id,
        -- strings
        event_code,
        -- Mandrill: browser, email client, robot ...
        case when event_code in ('OPEN', 'CLICK') then event_code || '_' || replace(agent_type, ' ', '_') end as exact_code,
        cast(null as string) as campaign,
        link_url,
        coalesce(
            {{ lead_scoring.json_text('message', "'bounce_description'") }}, {{ lead_scoring.json_text(lead_scoring.json_text('item', "'reject'"), "'reason'") }}
        ) as reason,
        cast(null as string) as reject_reason,
        {{ lead_scoring.json_text('message', "'bgtools_code'") }} as status,
        {{ lead_scoring.json_text('message', "'tags'") }} as tags,
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
    from fields

)

select * from final
