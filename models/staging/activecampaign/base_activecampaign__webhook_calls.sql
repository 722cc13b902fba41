-- Grain: call of a webhook as received. A call comes as fields or as one JSON object, whose keys are those of the form (`contact[email]`) or nested.
{{ config(enabled='activecampaign' in var('lead_scoring_sources')) }}

{%- set fields = {
    'type': ['type'], 'date_time': ['date_time'], 'initiated_from': ['initiated_from'],
    'contact_id': ['contact', 'id'], 'contact_email': ['contact', 'email'], 'campaign_id': ['campaign', 'id'], 'campaign_name': ['campaign', 'name'],
    'link_url': ['link', 'url'], 'bounce_type': ['bounce', 'type'],
} %}

with source as (

    select * from {{ source('activecampaign', 'webhooks') }}

),

fields_read as (

    select
        {%- for column, keys in fields.items() %}
        coalesce(
            source.{{ column }},
            {{ lead_scoring.json_text('source.payload', "'" ~ keys[0] ~ ('[' ~ keys[1] ~ ']' if keys[1] else '') ~ "'") }}
            {%- if keys[1] %},
            {{ lead_scoring.json_text(lead_scoring.json_text('source.payload', "'" ~ keys[0] ~ "'"), "'" ~ keys[1] ~ "'") }}
            {%- endif %}
        ) as {{ column }},
        {%- endfor %}
        source.received_at,
        {{ lead_scoring.provenance('webhooks', 'source') }}
    from source

),

times_read as (

    select
        *,
        {{ lead_scoring.text_to_timestamp(lead_scoring.trimmed('date_time')) }} as stated_at,
        -- Only a time with an offset, or one in seconds since 1970, says when it was.
        {{ lead_scoring.matches_regex(lead_scoring.trimmed('date_time'), "'(:[0-9]{2}([.][0-9]+)? ?([zZ]|UTC|[+-][0-9]{2}(:?[0-9]{2})?)|^[0-9.]+)$'") }} as has_offset
    from fields_read

),

final as (

    select
        *,
        -- Calls are made at once and never again: a time without an offset, which is that of the account, gives way to when the call was received.
        case when has_offset then coalesce(stated_at, received_at) else coalesce(received_at, stated_at) end as occurred_at,
        -- The same call may come twice, and says the same then. It has no id of its own.
        md5(
            coalesce(lower({{ lead_scoring.trimmed('type') }}), '') || '|' || coalesce(date_time, cast(received_at as string), '')
            || '|' || coalesce(contact_id, '') || '|' || coalesce(lower(contact_email), '') || '|' || coalesce(campaign_id, '') || '|' || coalesce(link_url, '')
        ) as call_id
    from times_read

)

select * from final
