-- Grain: e-mail that was written: a campaign, or an e-mail of an automation. Activities name either by its id.
{{ config(enabled='mailchimp' in var('lead_scoring_sources')) }}

with campaigns as (

    {{ lead_scoring.latest_rows(source('mailchimp', 'campaign'), 'id', ['list_id', 'title', 'subject_line', 'send_time']) }}

),

automations as (

    {{ lead_scoring.latest_rows(source('mailchimp', 'automation'), 'id', ['list_id', 'title']) }}

),

automation_emails as (

    {{ lead_scoring.latest_rows(source('mailchimp', 'automation_email'), 'id', ['automation_id', 'title', 'subject_line']) }}

),

final as (

    select
        id as email_id,
        list_id,
        coalesce(title, subject_line) as campaign,
        send_time as sent_at
    from campaigns
    union all
    select
        automation_emails.id as email_id,
        automations.list_id,
        coalesce(automations.title, automation_emails.title, automation_emails.subject_line) as campaign,
        -- Everybody gets it at a time of their own; send_time is when Mailchimp last sent it to anybody.
        cast(null as timestamp) as sent_at
    from automation_emails
    left join automations on automation_emails.automation_id = automations.id
    where not exists (
        select 1 from campaigns
        where campaigns.id = automation_emails.id
    )

)

select * from final
