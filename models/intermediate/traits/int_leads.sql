-- Grain: lead. Everybody whom a contact or an event names, since when we know them, and the e-mail that names them.
with contact_versions as (

    select * from {{ ref('int_contacts_classified') }}
    where rejection_reason is null

),

contact_leads as (

    select * from {{ ref('int_contact_leads') }}

),

events_counted as (

    select * from {{ ref('int_events_counted') }}

),

events_dated as (

    select
        lead_id,
        min(occurred_on) as seen_on
    from events_counted
    group by lead_id

),

-- Whom no contact names by an e-mail, an event may.
leads_unnamed as (

    select events_dated.lead_id
    from events_dated
    where events_dated.lead_id not in (select contact_leads.lead_id from contact_leads where contact_leads.email is not null)

),

{{ lead_scoring.standing_events('email is not null and alias_id in (select lead_id from leads_unnamed)') }},

-- The e-mail that an id was made of.
emails_named as (

    select
        alias_id as lead_id,
        max(email) as email
    from standing
    group by alias_id

),

leads_seen as (

    select
        contact_leads.lead_id,
        contact_leads.email,
        contact_versions.created_on as seen_on
    from contact_versions
    inner join contact_leads
        on contact_versions.source = contact_leads.source
        and contact_versions.contact_id = contact_leads.contact_id
    union all
    select
        events_dated.lead_id,
        emails_named.email,
        events_dated.seen_on
    from events_dated
    left join emails_named on events_dated.lead_id = emails_named.lead_id

),

{% if not var('lead_scoring_score_without_consent') -%}
-- What was said of consent at a time; of two words of one time the refusal counts.
consents as (

    select
        contact_leads.lead_id,
        contact_versions.updated_at,
        min(case when contact_versions.has_marketing_consent then 1 else 0 end) as has_consented
    from contact_versions
    inner join contact_leads
        on contact_versions.source = contact_leads.source
        and contact_versions.contact_id = contact_leads.contact_id
    where contact_versions.has_marketing_consent is not null
    group by contact_leads.lead_id, contact_versions.updated_at

),

-- Whoever has not consented, as far as is known now, is scored for no date.
leads_consenting as (

    select lead_id
    from consents
    group by lead_id
    having max_by(has_consented, updated_at) = 1

),

{% endif -%}
final as (

    select
        lead_id,
        max(email) as email,
        min(seen_on) as first_seen_on
    from leads_seen
    {%- if not var('lead_scoring_score_without_consent') %}
    where lead_id in (select leads_consenting.lead_id from leads_consenting)
    {%- endif %}
    group by lead_id

)

select * from final
