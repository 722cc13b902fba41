-- Grain: row as delivered: an activity of a recipient, one who unsubscribed, or one to whom a campaign was sent. None of them has an id.
{{ config(enabled='mailchimp' in var('lead_scoring_sources')) }}

with campaign_activities as (

    select * from {{ source('mailchimp', 'campaign_recipient_activity') }}

),

automation_activities as (

    select * from {{ source('mailchimp', 'automation_recipient_activity') }}

),

unsubscribes as (

    select * from {{ source('mailchimp', 'unsubscribe') }}

),

recipients as (

    select * from {{ source('mailchimp', 'campaign_recipient') }}

),

emails as (

    select * from {{ ref('base_mailchimp__emails') }}

),

recipients_bounced as (

    select distinct
        campaign_id,
        member_id
    from campaign_activities
    where upper({{ lead_scoring.trimmed('action') }}) = 'BOUNCE'

),

activities as (

    select
        campaign_id as email_id,
        member_id,
        list_id,
        upper({{ lead_scoring.trimmed('action') }}) as action,
        upper({{ lead_scoring.trimmed('bounce_type') }}) as detail,
        url,
        cast(null as string) as reason,
        timestamp as occurred_at,
        _fivetran_synced,
        {{ lead_scoring.provenance('campaign_recipient_activity') }}
    from campaign_activities
    union all
    select
        automation_email_id as email_id,
        member_id,
        list_id,
        upper({{ lead_scoring.trimmed('action') }}) as action,
        upper({{ lead_scoring.trimmed('bounce_type') }}) as detail,
        url,
        null as reason,
        timestamp as occurred_at,
        _fivetran_synced,
        {{ lead_scoring.provenance('automation_recipient_activity') }}
    from automation_activities
    union all
    select
        campaign_id as email_id,
        member_id,
        list_id,
        'UNSUBSCRIBE' as action,
        null as detail,
        null as url,
        reason,
        timestamp as occurred_at,
        _fivetran_synced,
        {{ lead_scoring.provenance('unsubscribe') }}
    from unsubscribes
    union all
    select
        recipients.campaign_id as email_id,
        recipients.member_id,
        recipients.list_id,
        'SENT' as action,
        -- No row says that an e-mail arrived; it did when it was sent and did not bounce.
        case when recipients_bounced.member_id is not null then 'BOUNCED' end as detail,
        null as url,
        null as reason,
        null as occurred_at,
        recipients._fivetran_synced,
        {{ lead_scoring.provenance('campaign_recipient', 'recipients') }}
    from recipients
    left join recipients_bounced
        on recipients.campaign_id = recipients_bounced.campaign_id
        and recipients.member_id = recipients_bounced.member_id

),

final as (

    select
        activities.email_id,
        activities.member_id,
        coalesce(activities.list_id, emails.list_id) as list_id,
        activities.action as vendor_type,
        activities.action || '_' || activities.detail as native_code,
        emails.campaign,
        activities.url as link_url,
        case when activities.action = 'BOUNCE' then lower(activities.detail) end as bounce_type,
        activities.reason,
        -- A recipient has no time, the campaign has one.
        case when activities.action = 'SENT' then emails.sent_at else activities.occurred_at end as occurred_at,
        coalesce(activities._fivetran_synced, activities.occurred_at, emails.sent_at) as loaded_at,
        activities.unreadable_columns,
        activities.raw_table,
        activities.raw_file,
        activities.raw_row,
        activities.raw_text
    from activities
    left join emails on activities.email_id = emails.email_id

)

select * from final
