-- Grain: source, contact id. The lead of every contact known, erased ones included (so it is a view): contacts merged into one another are one group,
-- and the group's e-mail names the lead.
{{ config(materialized='view') }}

with contact_versions as (

    select * from {{ ref('int_contacts_classified') }}
    where rejection_reason is null

),

contact_roots as (

    select * from {{ ref('int_contact_roots') }}

),

emails_ranked as (

    select
        source,
        contact_id,
        email,
        max(updated_at) over (partition by source, contact_id) as contact_updated_at,
        -- The newest version that has one, so the versions without one come last.
        row_number() over (
            partition by source, contact_id
            order by case when email is not null then 0 else 1 end, updated_at desc, loaded_at desc, email
        ) as email_rank
    from contact_versions

),

contact_ids as (

    select source, contact_id from contact_versions
    union
    select source, contact_id from contact_roots

),

contacts_rooted as (

    select
        contact_ids.source,
        contact_ids.contact_id,
        coalesce(contact_roots.root_contact_id, contact_ids.contact_id) as root_contact_id,
        emails_ranked.email,
        emails_ranked.contact_updated_at
    from contact_ids
    left join contact_roots
        on contact_ids.source = contact_roots.source
        and contact_ids.contact_id = contact_roots.contact_id
    left join emails_ranked
        on contact_ids.source = emails_ranked.source
        and contact_ids.contact_id = emails_ranked.contact_id
        and emails_ranked.email_rank = 1

),

group_emails_ranked as (

    select
        source,
        root_contact_id,
        email,
        row_number() over (
            partition by source, root_contact_id
            order by
                case when contact_id = root_contact_id then 0 else 1 end,
                contact_updated_at desc,
                contact_id
        ) as email_rank
    from contacts_rooted
    where email is not null

),

final as (

    select
        contacts_rooted.source,
        contacts_rooted.contact_id,
        contacts_rooted.root_contact_id,
        group_emails_ranked.email,
        coalesce(
            {{ lead_scoring.lead_id_of_email('group_emails_ranked.email') }},
            {{ lead_scoring.lead_id_of_contact('contacts_rooted.source', 'contacts_rooted.root_contact_id') }}
        ) as lead_id
    from contacts_rooted
    left join group_emails_ranked
        on contacts_rooted.source = group_emails_ranked.source
        and contacts_rooted.root_contact_id = group_emails_ranked.root_contact_id
        and group_emails_ranked.email_rank = 1

)

select * from final
