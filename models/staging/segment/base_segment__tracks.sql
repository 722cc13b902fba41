-- Grain: row of tracks as delivered. Something that somebody did, under the name that the customer gave it.
{{ config(enabled='segment' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('segment', 'tracks') }}

),

details as (

    select * from {{ ref('base_segment__track_details') }}

),

named as (

    select
        *,
        coalesce(id, message_id) as call_id,
        -- `Order Completed`, `order_completed` and `order-completed` are one name.
        upper(replace(replace(replace({{ lead_scoring.trimmed('coalesce(event_text, event)') }}, '-', '_'), ' ', '_'), '__', '_')) as event_code,
        {{ lead_scoring.is_robot('context_user_agent') }} as is_robot
    from source

),

final as (

    select
        -- ids
        coalesce(named.call_id, md5(
            'track|' || coalesce(named.anonymous_id, '') || '|' || coalesce(named.user_id, '') || '|' || coalesce(named.event_code, '')
            || '|' || coalesce(cast(named.timestamp as string), '') || '|' || coalesce(named.properties, '')
        )) as event_id,
        -- An address among the properties comes last: a form that was sent says who sent it, but other calls may speak of other people.
        coalesce(
            named.context_traits_email,
            case when {{ lead_scoring.has_one_at('named.user_id') }} then named.user_id end,
            case when named.user_id is null then coalesce(details.email, {{ lead_scoring.json_text('named.properties', "'email'") }}) end
        ) as email,
        named.user_id as contact_id,
        named.anonymous_id,
        named.anonymous_id || ':' || named.context_session_id as session_id,
        coalesce(details.email_id, {{ lead_scoring.json_text('named.properties', "'email_id'") }}) as email_id,
        -- strings
        case when named.is_robot then 'ROBOT' else named.event_code end as vendor_type,
        -- A scanner that opens an e-mail is worth a code of its own.
        case when named.is_robot then named.event_code || '_ROBOT' end as native_code,
        named.context_page_url as page_url,
        named.context_page_path as page_path,
        named.context_page_title as page_title,
        named.context_page_referrer as referrer,
        coalesce(details.link_url, {{ lead_scoring.json_text('named.properties', "'link_url'") }}) as link_url,
        coalesce(
            details.form_name,
            {{ lead_scoring.json_text('named.properties', "'form_name'") }},
            details.form_id,
            {{ lead_scoring.json_text('named.properties', "'form_id'") }},
            {{ lead_scoring.json_text('named.properties', "'title'") }}
        ) as asset,
        coalesce(
            details.campaign_name,
            {{ lead_scoring.json_text('named.properties', "'campaign_name'") }},
            details.email_subject,
            {{ lead_scoring.json_text('named.properties', "'email_subject'") }},
            named.context_campaign_name
        ) as campaign,
        named.context_campaign_source as utm_source,
        named.context_campaign_medium as utm_medium,
        named.context_campaign_name as utm_campaign,
        coalesce(named.properties, {{ lead_scoring.json_object({'order_id': 'details.order_id'}) }}) as properties,
        -- numbers
        coalesce(
            details.revenue,
            details.total,
            details.value,
            {{ lead_scoring.text_to_double(lead_scoring.json_text('named.properties', "'revenue'")) }},
            {{ lead_scoring.text_to_double(lead_scoring.json_text('named.properties', "'total'")) }},
            {{ lead_scoring.text_to_double(lead_scoring.json_text('named.properties', "'value'")) }}
        ) as amount,
        -- times
        named.timestamp as occurred_at,
        named.received_at as loaded_at,

        -- provenance
        case
            when named._raw_unreadable is not null and details.unreadable_columns is not null
                then named._raw_unreadable || ',' || details.unreadable_columns
            else coalesce(named._raw_unreadable, details.unreadable_columns)
        end as unreadable_columns,
        'tracks' as raw_table,
        named._raw_file as raw_file,
        named._raw_row as raw_row,
        named._raw_text as raw_text
    from named
    left join details on named.call_id = details.id

)

select * from final
