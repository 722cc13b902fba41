-- Grain: id of an e-mail event. What the tables of the single types add to an event. They are attributes, never events of their own: a row without
-- an event in email_event says neither who nor when, and is nobody's.
{{ config(enabled='hubspot' in var('lead_scoring_sources')) }}

with opens as (

    select * from {{ source('hubspot', 'email_event_open') }}

),

clicks as (

    select * from {{ source('hubspot', 'email_event_click') }}

),

bounces as (

    select * from {{ source('hubspot', 'email_event_bounce') }}

),

status_changes as (

    select * from {{ source('hubspot', 'email_event_status_change') }}

),

details as (

    select
        id as event_id,
        duration / 1000 as duration_seconds,
        cast(null as string) as link_url,
        cast(null as string) as referrer,
        cast(null as string) as bounce_category,
        cast(null as string) as bounce_status,
        cast(null as string) as subscription_status,
        cast(null as string) as subscription_source,
        case when ',' || _raw_unreadable || ',' like '%,duration,%' then 'duration' end as unreadable_columns,
        _fivetran_synced
    from opens
    union all
    select
        id as event_id,
        null as duration_seconds,
        url as link_url,
        referer as referrer,
        null as bounce_category,
        null as bounce_status,
        null as subscription_status,
        null as subscription_source,
        null as unreadable_columns,
        _fivetran_synced
    from clicks
    union all
    select
        id as event_id,
        null as duration_seconds,
        null as link_url,
        null as referrer,
        upper({{ lead_scoring.trimmed('category') }}) as bounce_category,
        status as bounce_status,
        null as subscription_status,
        null as subscription_source,
        null as unreadable_columns,
        _fivetran_synced
    from bounces
    union all
    select
        id as event_id,
        null as duration_seconds,
        null as link_url,
        null as referrer,
        null as bounce_category,
        null as bounce_status,
        upper({{ lead_scoring.trimmed('portal_subscription_status') }}) as subscription_status,
        source as subscription_source,
        null as unreadable_columns,
        _fivetran_synced
    from status_changes

),

-- One row per id, whatever was delivered: an event must not multiply when it meets its details.
final as (

    {{ lead_scoring.latest_rows('details', 'event_id', [
        'duration_seconds', 'link_url', 'referrer', 'bounce_category', 'bounce_status', 'subscription_status', 'subscription_source', 'unreadable_columns',
    ]) }}

)

select * from final
