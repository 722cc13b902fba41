-- Grain: event. Each event once, as its standing delivery says, without those that were taken back. Visitors nobody has identified yet included.
with event_rows as (

    select * from {{ ref('int_events_classified') }}
    where rejection_reason is null and not is_out_of_scope

),

deliveries_ranked as (

    select * from {{ ref('int_event_deliveries_ranked') }}

),

delivered_once as (

    select event_rows.*
    from event_rows
    where not exists (
        select 1 from deliveries_ranked
        where deliveries_ranked.event_key = event_rows.event_key
    )

),

{% set columns = [
    'event_key', 'source', 'event_type', 'is_engagement', 'is_machine', 'raw_table', 'occurred_at', 'loaded_at', 'is_deleted', 'identified_lead_id', 'email', 'contact_id', 'anonymous_id', 'session_id', 'page_path',
    'page_title', 'referrer', 'email_id', 'link_url', 'asset', 'campaign', 'utm_source', 'utm_medium', 'utm_campaign', 'duration_seconds', 'amount', 'properties',
] %}
standing as (

    select {{ columns | join(', ') }} from delivered_once
    union all
    select {{ columns | join(', ') }} from deliveries_ranked where delivery_rank = 1

),

final as (

    select
        {{ columns | reject('equalto', 'is_deleted') | join(',\n        ') }},
        {{ lead_scoring.local_date('occurred_at') }} as occurred_on
    from standing
    where not coalesce(is_deleted, false)

)

select * from final
