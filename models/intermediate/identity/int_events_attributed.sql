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
        browsers_resolved.lead_id,
        browsers_resolved.event_hash,
        browsers_resolved.event_key,
        browsers_resolved.source,
        browsers_resolved.event_type,
        browsers_resolved.is_engagement,
        browsers_resolved.is_machine,
        browsers_resolved.occurred_at,
        browsers_resolved.occurred_on,
        browsers_resolved.email,
        browsers_resolved.contact_id,
        browsers_resolved.anonymous_id,
        browsers_resolved.session_id,
        browsers_resolved.page_path,
        browsers_resolved.page_title,
        browsers_resolved.referrer,
        browsers_resolved.email_id,
        browsers_resolved.link_url,
        browsers_resolved.asset,
        browsers_resolved.campaign,
        browsers_resolved.utm_source,
        browsers_resolved.utm_medium,
        browsers_resolved.utm_campaign,
        browsers_resolved.duration_seconds,
        browsers_resolved.amount,
        browsers_resolved.properties
    from browsers_resolved
    left join erased_leads on browsers_resolved.lead_id = erased_leads.lead_id
    where browsers_resolved.lead_id is not null
        and erased_leads.lead_id is null

)

select * from final
-- depends_on: {{ ref('int_events_touched') }}
