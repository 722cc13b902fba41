-- Grain: event row as delivered: a row of tracks, of pages or of screens.
{{ config(enabled='segment' in var('lead_scoring_sources')) }}

with tracks as (

    select * from {{ ref('base_segment__tracks') }}

),

views as (

    select * from {{ ref('base_segment__views') }}

),

{% set columns = [
    'event_id', 'email', 'contact_id', 'anonymous_id', 'session_id', 'email_id', 'vendor_type', 'native_code', 'page_url', 'page_path', 'page_title',
    'referrer', 'link_url', 'asset', 'campaign', 'utm_source', 'utm_medium', 'utm_campaign', 'properties', 'amount', 'occurred_at', 'loaded_at',
    'unreadable_columns', 'raw_table', 'raw_file', 'raw_row', 'raw_text',
] | join(', ') %}
calls as (

    select {{ columns }} from tracks
    union all
    select {{ columns }} from views

),

translated as (

    {{ lead_scoring.with_event_types('calls', 'segment') }}

),

final as (

    select
        -- ids
        event_id,
        email,
        contact_id,
        anonymous_id,
        session_id,
        email_id,
        -- strings
        event_type,
        coalesce(page_path, {{ lead_scoring.url_path('page_url') }}) as page_path,
        page_title,
        referrer,
        link_url,
        asset,
        campaign,
        coalesce(utm_source, {{ lead_scoring.url_parameter('page_url', 'utm_source') }}) as utm_source,
        coalesce(utm_medium, {{ lead_scoring.url_parameter('page_url', 'utm_medium') }}) as utm_medium,
        coalesce(utm_campaign, {{ lead_scoring.url_parameter('page_url', 'utm_campaign') }}) as utm_campaign,
        properties,
        -- numbers
        {{ lead_scoring.null_columns('events', ['event_version', 'duration_seconds']) }},
        amount,
        -- booleans
        false as is_deleted,
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
