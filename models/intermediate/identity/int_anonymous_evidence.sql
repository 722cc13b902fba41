-- Grain: words that somebody said of a browser, and when. Every event and contact that carries an anonymous id together with a lead.
{{ config(materialized='view') }}

with events as (

    select * from {{ ref('int_events_deduplicated') }}
    where anonymous_id is not null and identified_lead_id is not null

),

-- What erased people said of a browser still counts: their visits have to be recognised to be dropped.
erased_event_rows as (

    select * from {{ ref('int_events_classified') }}
    where is_erased and rejection_reason is null and not is_out_of_scope and anonymous_id is not null

),

lead_aliases as (

    select * from {{ ref('int_lead_aliases') }}

),

identities as (

    select * from {{ ref('int_identities') }}
    where kind = 'browser'

),

final as (

    select
        anonymous_id,
        identified_lead_id as lead_id,
        occurred_at as identified_at
    from events
    union all
    select
        erased_event_rows.anonymous_id,
        coalesce(lead_aliases.lead_id, erased_event_rows.alias_id) as lead_id,
        erased_event_rows.occurred_at as identified_at
    from erased_event_rows
    left join lead_aliases on erased_event_rows.alias_id = lead_aliases.alias_id
    union all
    select
        identity_id as anonymous_id,
        lead_id,
        identified_at
    from identities

)

select * from final
