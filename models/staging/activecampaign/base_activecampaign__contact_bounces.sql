-- Grain: contact to whom e-mails came back. No connector lands bounces; a contact says how many there were and when the last one was.
{{ config(enabled='activecampaign' in var('lead_scoring_sources')) }}

with contacts as (

    select * from {{ ref('base_activecampaign__contacts') }}

),

calls as (

    select
        *,
        upper({{ lead_scoring.trimmed('type') }}) as vendor_type,
        {{ lead_scoring.normalised_email('contact_email') }} as email
    from {{ ref('base_activecampaign__webhook_calls') }}

),

-- What a webhook has told is not told again.
contacts_without_call as (

    select
        *,
        {{ lead_scoring.text_to_timestamp(lead_scoring.trimmed('bounced_date')) }} as bounced_at
    from contacts
    where (has_bounced_hard or has_bounced_soft)
        and not exists (
            select 1 from calls
            where calls.vendor_type = 'BOUNCE' and calls.contact_id = contacts.contact_id
        )
        and not exists (
            select 1 from calls
            where calls.vendor_type = 'BOUNCE' and calls.email = contacts.email
        )

),

final as (

    select
        -- ids
        'bounce:' || contact_id || coalesce(':' || cast(bounced_at as string), '') as event_id,
        cast(null as string) as email,
        contact_id,
        cast(null as string) as email_id,
        -- strings
        'BOUNCE' as vendor_type,
        case when has_bounced_hard then 'BOUNCE_HARD' else 'BOUNCE_SOFT' end as native_code,
        cast(null as string) as campaign,
        cast(null as string) as link_url,
        cast(null as string) as properties,
        -- times
        -- `0000-00-00` is no date.
        coalesce(bounced_at, updated_at) as occurred_at,
        loaded_at,

        -- provenance
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from contacts_without_call

)

select * from final
