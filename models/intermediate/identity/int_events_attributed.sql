-- Grain: event of a lead. Every event that belongs to somebody: through its e-mail, its contact, or the browser it was made on.
with events as (

    select * from {{ ref('int_events_deduplicated') }}

),

identifications as (

    select * from {{ ref('int_anonymous_identifications') }}

),

erased_leads as (

    select * from {{ ref('int_erased_leads') }}

),

visits_identified as (

    select
        events.event_key,
        identifications.lead_id
    from events
    inner join identifications
        on events.anonymous_id = identifications.anonymous_id
        and (identifications.identified_from is null or events.occurred_at >= identifications.identified_from)
        and (identifications.identified_until is null or events.occurred_at < identifications.identified_until)
    where events.identified_lead_id is null

),

attributed as (

    select
        coalesce(events.identified_lead_id, visits_identified.lead_id) as lead_id,
        events.*
    from events
    left join visits_identified on events.event_key = visits_identified.event_key

),

final as (

    select
        lead_id,
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
    from attributed
    where lead_id is not null
        and not exists (select 1 from erased_leads where erased_leads.lead_id = attributed.lead_id)

)

select * from final
