-- Grain: row of an e-mail activity as delivered: open, clickthrough, send, subscribe, unsubscribe, bounceback. Each type has a table and fields of its own.
{{ config(enabled='eloqua' in var('lead_scoring_sources')) }}

{% set types = {
    'activity_email_open': 'EmailOpen',
    'activity_email_clickthrough': 'EmailClickthrough',
    'activity_email_send': 'EmailSend',
    'activity_subscribe': 'Subscribe',
    'activity_unsubscribe': 'Unsubscribe',
    'activity_bounceback': 'Bounceback',
} %}
with source as (

    {% for table, type in types.items() %}
    select
        coalesce(activityid, id) as activity_id,
        emailaddress as email,
        contactid as contact_id,
        {{ 'visitorexternalid' if type in ('EmailOpen', 'EmailClickthrough') else 'cast(null as string)' }} as anonymous_id,
        emailrecipientid as recipient_id,
        assetid as asset_id,
        campaignid as campaign_id,
        upper({{ lead_scoring.trimmed("coalesce(activitytype, '" ~ type ~ "')") }}) as activity_type,
        upper({{ lead_scoring.trimmed('assettype') }}) as asset_type,
        assetname as asset,
        {{ 'campaignname' if type == 'Bounceback' else 'cast(null as string)' }} as campaign_name,
        {{ 'subjectline' if type in ('EmailOpen', 'EmailClickthrough', 'EmailSend') else 'cast(null as string)' }} as subject,
        {{ 'emailsendtype' if type in ('EmailOpen', 'EmailClickthrough', 'EmailSend') else 'cast(null as string)' }} as send_type,
        {{ 'cast(null as string)' if type in ('Subscribe', 'Unsubscribe') else 'deploymentid' }} as deployment_id,
        {{ 'emailclickedthrulink' if type == 'EmailClickthrough' else 'cast(null as string)' }} as link_url,
        {{ 'smtperrorcode' if type == 'Bounceback' else 'cast(null as string)' }} as smtp_error_code,
        {{ 'smtpstatuscode' if type == 'Bounceback' else 'cast(null as string)' }} as smtp_status_code,
        {{ 'smtpmessage' if type == 'Bounceback' else 'cast(null as string)' }} as smtp_message,
        coalesce(activitydate, createdat) as occurred_at,
        _sdc_batched_at as synced_at,
        {{ lead_scoring.provenance(table) }}
    from {{ source('eloqua', table) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

coded as (

    select
        *,
        -- Of a reply like 550 and an enhanced status like 5.1.1 the first digit says whether it is for good (RFC 3463): 5 is, 4 is not.
        coalesce(
            nullif(regexp_extract(smtp_error_code, '^[^0-9]*([45])[0-9.]', 1), ''),
            nullif(regexp_extract(smtp_status_code, '^[^0-9]*([45])[0-9.]', 1), '')
        ) as smtp_class,
        nullif(regexp_extract(concat_ws(' ', smtp_error_code, smtp_status_code), '([45][.][0-9]+[.][0-9]+)', 1), '') as enhanced_status
    from source

),

final as (

    select
        -- ids
        -- An activity's id is unique per type, but of EmailSend: one send has one id for all its recipients.
        activity_id || case when activity_type = 'EMAILSEND' then ':' || coalesce(recipient_id, contact_id, email) else '' end as activity_id,
        email,
        contact_id,
        anonymous_id,
        cast(null as string) as session_id,
        case when activity_type not in ('SUBSCRIBE', 'UNSUBSCRIBE') then asset_id end as email_id,
        campaign_id,
        -- strings
        activity_type,
        case when activity_type = 'BOUNCEBACK' then activity_type || coalesce('_' || smtp_class, '') else activity_type end as vendor_type,
        -- What source_event_types.csv is asked first, so that a row of it may tell one status, or one e-mail group, from all the others.
        activity_type || '_' || case when activity_type = 'BOUNCEBACK' then enhanced_status else asset_type end as native_code,
        asset,
        campaign_name,
        link_url,
        cast(null as string) as page_url,
        cast(null as string) as referrer,
        {{ lead_scoring.json_object({
            'subject': 'subject',
            'send_type': 'send_type',
            'deployment_id': 'deployment_id',
            'asset_type': "case when activity_type in ('SUBSCRIBE', 'UNSUBSCRIBE') then asset_type end",
            'smtp_error_code': 'smtp_error_code',
            'smtp_status_code': 'smtp_status_code',
            'smtp_message': 'smtp_message',
        }) }} as properties,
        -- numbers
        cast(null as double) as duration_seconds,
        -- times
        occurred_at,
        coalesce(synced_at, occurred_at) as loaded_at,

        -- provenance
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from coded

)

select * from final
