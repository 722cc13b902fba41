-- Grain: row as delivered: a recipient's activity, one who unsubscribed, one to whom a campaign was sent.
{{ config(enabled='mailchimp' in var('lead_scoring_sources')) }}

with activities as (

    select * from {{ ref('base_mailchimp__activities') }}

),

-- BOUNCE_HARD is hard, BOUNCE of any other kind soft.
translated as (

    {{ lead_scoring.with_event_types('activities', 'mailchimp') }}

),

final as (

    select
        -- ids
        -- What tells two activities apart. The time of a sending is that of the campaign, which may be sent anew; it is one sending all the same.
        md5(
            coalesce(vendor_type, '') || '|' || coalesce(email_id, '') || '|' || coalesce(list_id, '') || '|' || coalesce(member_id, '') || '|' || coalesce(link_url, '')
            || '|' || case when raw_table = 'campaign_recipient' then '' else coalesce(cast(occurred_at as string), '') end
        ) as event_id,
        -- A member belongs to an audience.
        coalesce(list_id || ':', '') || member_id as contact_id,
        email_id,
        {{ lead_scoring.null_columns('events', ['email', 'anonymous_id', 'session_id']) }},
        -- strings
        event_type,
        campaign,
        link_url,
        {{ lead_scoring.null_columns('events', [
            'page_path', 'page_title', 'referrer', 'asset', 'utm_source', 'utm_medium', 'utm_campaign',
        ]) }},
        {{ lead_scoring.json_object({'bounce_type': 'bounce_type', 'reason': 'reason'}) }} as properties,
        -- numbers
        -- Fivetran replaces rows: of several deliveries the later one is a correction.
        {{ lead_scoring.load_order_version('loaded_at') }} as event_version,
        {{ lead_scoring.null_columns('events', ['duration_seconds', 'amount']) }},
        -- booleans
        {{ lead_scoring.null_columns('events', ['is_deleted']) }},
        is_out_of_scope,
        -- times
        occurred_at,
        loaded_at,

        -- provenance
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from translated

)

select * from final
