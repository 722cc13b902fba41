-- Grain: row of email_event as delivered. What happened to an e-mail, to an address: email_event knows recipients, not contacts.
{{ config(enabled='hubspot' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('hubspot', 'email_event') }}

),

details as (

    select * from {{ ref('base_hubspot__email_event_details') }}

),

campaigns as (

    {{ lead_scoring.latest_rows(source('hubspot', 'email_campaign'), 'id', ['name', 'subject']) }}

),

joined as (

    select
        source.*,
        -- HubSpot writes STATUSCHANGE, Fivetran's descriptions STATUS_CHANGE.
        upper(replace({{ lead_scoring.trimmed('source.type') }}, '_', '')) as vendor_type,
        details.duration_seconds,
        details.link_url,
        details.referrer,
        details.bounce_category,
        details.bounce_status,
        details.subscription_status,
        details.subscription_source,
        details.unreadable_columns as unreadable_details,
        coalesce(campaigns.name, campaigns.subject) as campaign
    from source
    left join details on source.id = details.event_id
    left join campaigns on source.email_campaign_id = campaigns.id

),

final as (

    select
        -- ids
        id as event_id,
        recipient as email,
        cast(null as string) as contact_id,
        email_campaign_id as email_id,
        -- strings
        vendor_type,
        -- What source_event_types.csv is asked first; where it does not know the answer, or the details are missing, it is asked for the type alone.
        case
            when vendor_type in ('OPEN', 'CLICK') then vendor_type || case when filtered_event then '_FILTERED' end
            when vendor_type = 'BOUNCE' then vendor_type || '_' || bounce_category
            when vendor_type = 'STATUSCHANGE' then vendor_type || '_' || subscription_status
        end as native_code,
        campaign,
        link_url,
        referrer,
        cast(null as string) as asset,
        cast(null as string) as page_url,
        cast(null as string) as page_title,
        -- The vendor's own words, where they say more than our code.
        case when vendor_type in ('BOUNCE', 'STATUSCHANGE') then {{ lead_scoring.json_object({
            'bounce_category': 'bounce_category',
            'bounce_status': 'bounce_status',
            'subscription_status': 'subscription_status',
            'subscription_source': 'subscription_source',
        }) }} end as properties,
        -- numbers
        duration_seconds,
        -- booleans
        -- A later event has made it obsolete: HubSpot itself no longer believes it, so it counts as taken back.
        obsoleted_by_id is not null as is_deleted,
        -- times
        created as occurred_at,
        _fivetran_synced as loaded_at,

        -- provenance
        case
            when _raw_unreadable is not null and unreadable_details is not null then _raw_unreadable || ',' || unreadable_details
            else coalesce(_raw_unreadable, unreadable_details)
        end as unreadable_columns,
        'email_event' as raw_table,
        _raw_file as raw_file,
        _raw_row as raw_row,
        _raw_text as raw_text
    from joined

)

select * from final
