-- Grain: call of a webhook as received, with the code that source_event_types.csv is asked for.
{{ config(enabled='activecampaign' in var('lead_scoring_sources')) }}

with calls as (

    select * from {{ ref('base_activecampaign__webhook_calls') }}

),

contacts as (

    select * from {{ ref('base_activecampaign__contacts') }}

),

contacts_by_email as (

    select
        email,
        max(case when has_mail_privacy then 1 else 0 end) = 1 as has_mail_privacy,
        max(case when has_bounced_hard then 1 else 0 end) = 1 as has_bounced_hard
    from contacts
    where email is not null
    group by email

),

joined as (

    select
        calls.*,
        upper({{ lead_scoring.trimmed('calls.type') }}) as vendor_type,
        coalesce(contacts.has_mail_privacy, contacts_by_email.has_mail_privacy, false) as has_mail_privacy,
        coalesce(
            upper({{ lead_scoring.trimmed('calls.bounce_type') }}),
            case when coalesce(contacts.has_bounced_hard, contacts_by_email.has_bounced_hard) then 'HARD' end
        ) as bounce_kind
    from calls
    left join contacts on calls.contact_id = contacts.contact_id
    left join contacts_by_email on {{ lead_scoring.normalised_email('calls.contact_email') }} = contacts_by_email.email

),

final as (

    select
        -- ids
        'webhook:' || call_id as event_id,
        contact_email as email,
        contact_id,
        campaign_id as email_id,
        -- strings
        vendor_type,
        case
            -- Apple's proxy loads the images of every e-mail to such a contact, read or not; which opens are its own nobody tells.
            when vendor_type = 'OPEN' and has_mail_privacy then vendor_type || '_MPP'
            when vendor_type = 'BOUNCE' then vendor_type || '_' || bounce_kind
            -- A campaign that starts is told once, and names nobody.
            when vendor_type = 'SENT' and contact_id is null and contact_email is null then vendor_type || '_CAMPAIGN'
            when vendor_type in ('SUBSCRIBE', 'UNSUBSCRIBE') then vendor_type || '_' || upper({{ lead_scoring.trimmed('initiated_from') }})
        end as native_code,
        campaign_name as campaign,
        link_url,
        -- The vendor's own words, where they say more than our code.
        {{ lead_scoring.json_object({'initiated_from': 'initiated_from', 'bounce_type': 'bounce_type'}) }} as properties,
        -- times
        occurred_at,
        coalesce(received_at, occurred_at) as loaded_at,

        -- provenance
        case
            when unreadable_columns is null and occurred_at is null and date_time is not null then 'date_time'
            else unreadable_columns
        end as unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from joined

)

select * from final
