-- Grain: words that somebody said of a browser, and when. Every event and contact that carries an anonymous id together with a lead; on a day run of the browsers of
-- which something else may be known.
-- depends_on: {{ ref('int_anonymous_ids_touched') }}
{{ config(materialized='view') }}

{%- set is_touched = 'anonymous_id in (select anonymous_id from ' ~ ref('int_anonymous_ids_touched') ~ ')' if lead_scoring.is_day_run() else 'anonymous_id is not null' %}

with {{ lead_scoring.standing_events('alias_id is not null and ' ~ is_touched) }},

-- What erased people said of a browser still counts: their visits have to be recognised to be dropped.
erased_event_rows as (

    select * from {{ ref('int_events_classified') }}
    where is_erased and rejection_reason is null and not is_out_of_scope
        and {{ is_touched }}

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
        standing.anonymous_id,
        coalesce(lead_aliases.lead_id, standing.alias_id) as lead_id,
        standing.occurred_at as identified_at
    from standing
    left join lead_aliases on standing.alias_id = lead_aliases.alias_id
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
    {%- if lead_scoring.is_day_run() %}
    where identity_id in (select anonymous_id from {{ ref('int_anonymous_ids_touched') }})
    {%- endif %}

)

select * from final
