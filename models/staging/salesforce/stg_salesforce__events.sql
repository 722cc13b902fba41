-- Grain: event row as delivered: a person of a task, of an appointment (booked, held) or of an opportunity (opened, closed), an order, a membership of a
-- campaign.
{{ config(enabled='salesforce' in var('lead_scoring_sources')) }}

with tasks as (

    select * from {{ ref('base_salesforce__tasks') }}

),

calendar_events as (

    select * from {{ ref('base_salesforce__calendar_events') }}

),

opportunities as (

    select * from {{ ref('base_salesforce__opportunities') }}

),

orders as (

    select * from {{ ref('base_salesforce__orders') }}

),

campaign_members as (

    select * from {{ ref('base_salesforce__campaign_members') }}

),

{% set columns = [
    'event_id', 'contact_id', 'vendor_type', 'native_code', 'campaign', 'properties', 'event_version', 'duration_seconds', 'amount', 'is_deleted',
    'occurred_at', 'loaded_at', 'unreadable_columns', 'raw_table', 'raw_file', 'raw_row', 'raw_text',
] | join(', ') %}
vendor_events as (

    select {{ columns }} from tasks
    union all
    select {{ columns }} from calendar_events
    union all
    select {{ columns }} from opportunities
    union all
    select {{ columns }} from orders
    union all
    select {{ columns }} from campaign_members

),

-- A call that nobody took is out of scope, a call of any other result is one.
translated as (

    {{ lead_scoring.with_event_types('vendor_events', 'salesforce') }}

),

final as (

    select
        -- ids
        event_id,
        contact_id,
        {{ lead_scoring.null_columns('events', [
            'email', 'anonymous_id', 'session_id', 'page_path', 'page_title', 'referrer', 'email_id', 'link_url', 'utm_source', 'utm_medium', 'utm_campaign',
        ]) }},
        -- strings
        event_type,
        -- The campaign is the webinar or the event.
        campaign as asset,
        campaign,
        properties,
        -- numbers
        cast(event_version as int) as event_version,
        duration_seconds,
        amount,
        -- booleans
        is_deleted,
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
