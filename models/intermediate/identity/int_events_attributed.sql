-- Grain: event in question that belongs to a lead: through its e-mail, its contact, or the browser it was made on. In question are all events when everything is
-- made anew, else those that the run has to look at again.
{{ config(materialized='view') }}

with lead_aliases as (

    select * from {{ ref('int_lead_aliases') }}

),

identifications as (

    select * from {{ ref('int_anonymous_identifications') }}

),

erased_leads as (

    select * from {{ ref('int_erased_leads') }}

),

{{ lead_scoring.standing_events('event_hash in (select event_hash from ' ~ ref('int_events_touched') ~ ')' if lead_scoring.is_day_run() else none) }},

names_resolved as (

    select
        standing.*,
        coalesce(lead_aliases.lead_id, standing.alias_id) as identified_lead_id,
        -- Only who says nothing of themselves is looked for by the browser.
        case when standing.alias_id is null then standing.anonymous_id end as unnamed_browser
    from standing
    left join lead_aliases on standing.alias_id = lead_aliases.alias_id

),

browsers_resolved as (

    select
        coalesce(names_resolved.identified_lead_id, identifications.lead_id) as lead_id,
        names_resolved.*
    from names_resolved
    left join identifications
        on names_resolved.unnamed_browser = identifications.anonymous_id
        and names_resolved.occurred_at >= coalesce(identifications.identified_from, cast('1970-01-01' as timestamp))
        and names_resolved.occurred_at < coalesce(identifications.identified_until, cast('9999-12-31 23:59:59.999999' as timestamp))

),

final as (

    select
        lead_id,
        event_hash,
        event_key,
        source,
        event_type,
        is_engagement,
        is_machine,
        occurred_at,
        occurred_on,
        email,
        contact_id,
        anonymous_id,
        session_id,
        page_path,
        page_title,
        referrer,
        email_id,
        link_url,
        asset,
        campaign,
        utm_source,
        utm_medium,
        utm_campaign,
        duration_seconds,
        amount,
        properties
    from browsers_resolved
    where lead_id is not null
        and not exists (select 1 from erased_leads where erased_leads.lead_id = browsers_resolved.lead_id)

)

select * from final
-- depends_on: {{ ref('int_events_touched') }}
