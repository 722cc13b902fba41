-- Grain: event of a payload as posted. SendGrid and Mandrill post several events at once, as an array; an empty array, which Mandrill posts to try an
-- address out, and what is no JSON keep their one row: they have to be accounted for.
{{ config(enabled='email_webhooks' in var('lead_scoring_sources')) }}

with sendgrid as (

    select * from {{ source('email_webhooks', 'sendgrid') }}

),

mailgun as (

    select * from {{ source('email_webhooks', 'mailgun') }}

),

mandrill as (

    select * from {{ source('email_webhooks', 'mandrill') }}

),

posts as (

    select
        payload,
        received_at,
        {{ lead_scoring.provenance('sendgrid') }}
    from sendgrid
    union all
    select
        payload,
        received_at,
        {{ lead_scoring.provenance('mailgun') }}
    from mailgun
    union all
    select
        -- Mandrill posts a form whose one field holds the array; some keep the form, some the field.
        coalesce({{ lead_scoring.json_text('payload', "'mandrill_events'") }}, payload) as payload,
        received_at,
        {{ lead_scoring.provenance('mandrill') }}
    from mandrill

),

items as (

    select
        posts.*,
        {{ lead_scoring.array_to_rows(lead_scoring.json_elements('payload')) }} as item
    from posts

),

final as (

    select
        item,
        received_at,
        replace({{ lead_scoring.trimmed('payload') }}, ' ', '') = '[]' as is_empty,
        case when item is null and payload is not null and replace({{ lead_scoring.trimmed('payload') }}, ' ', '') <> '[]' then 'payload' else unreadable_columns end as unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from items

)

select * from final
