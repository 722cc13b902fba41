-- Grain: event of a payload as posted, whatever the provider.
{{ config(enabled='email_webhooks' in var('lead_scoring_sources')) }}

with sendgrid_events as (

    select * from {{ ref('base_email_webhooks__sendgrid_events') }}

),

mailgun_events as (

    select * from {{ ref('base_email_webhooks__mailgun_events') }}

),

mandrill_events as (

    select * from {{ ref('base_email_webhooks__mandrill_events') }}

),

{% set columns = [
    'event_id', 'email', 'email_id', 'message_id', 'event_code', 'exact_code', 'campaign', 'link_url', 'reason', 'reject_reason', 'status', 'tags',
    'stated_time', 'received_at', 'is_empty', 'unreadable_columns', 'raw_table', 'raw_file', 'raw_row', 'raw_text',
] | join(', ') %}
vendor_events as (

    select {{ columns }} from sendgrid_events
    union all
    select {{ columns }} from mailgun_events
    union all
    select {{ columns }} from mandrill_events

),

-- Codes and ids are the provider's: its name tells those of different providers apart.
named as (

    select
        vendor_events.*,
        upper(raw_table) || '_' || case when is_empty then 'NOTHING' else event_code end as vendor_type,
        upper(raw_table) || '_' || exact_code as native_code,
        {{ lead_scoring.text_to_timestamp(lead_scoring.trimmed('stated_time')) }} as occurred_at
    from vendor_events

),

translated as (

    {{ lead_scoring.with_event_types('named', 'email_webhooks') }}

),

final as (

    select
        -- ids
        raw_table || ':' || event_id as event_id,
        email,
        email_id,
        {{ lead_scoring.null_columns('events', ['contact_id', 'anonymous_id', 'session_id']) }},
        -- strings
        event_type,
        link_url,
        campaign,
        {{ lead_scoring.null_columns('events', [
            'page_path', 'page_title', 'referrer', 'asset', 'utm_source', 'utm_medium', 'utm_campaign',
        ]) }},
        {{ lead_scoring.json_object({
            'provider': 'raw_table',
            'message_id': 'message_id',
            'reject_reason': 'reject_reason',
            'reason': 'reason',
            'status': 'status',
            'tags': 'tags',
        }) }} as properties,
        -- numbers
        {{ lead_scoring.null_columns('events', ['event_version', 'duration_seconds', 'amount']) }},
        -- booleans
        {{ lead_scoring.null_columns('events', ['is_deleted']) }},
        is_out_of_scope,
        -- times
        occurred_at,
        coalesce(received_at, occurred_at) as loaded_at,

        -- provenance
        case
            when unreadable_columns is null and stated_time is not null and occurred_at is null then 'timestamp'
            else unreadable_columns
        end as unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from translated

)

select * from final
