-- Grain: e-mail that no contact bears any more. The lead it leads to, erased ones included (so it is a view): people keep their past when they change their
-- address or are merged. An e-mail that is not here stands for itself.
{{ config(materialized='view') }}

with contact_versions as (

    select * from {{ ref('int_contacts_classified') }}
    where rejection_reason is null and email is not null

),

contact_groups as (

    select * from {{ ref('int_contact_groups') }}

),

former_emails_ranked as (

    select
        contact_versions.email,
        contact_groups.lead_id,
        row_number() over (
            partition by contact_versions.email
            order by contact_versions.updated_at desc, contact_groups.lead_id
        ) as lead_rank
    from contact_versions
    inner join contact_groups
        on contact_versions.source = contact_groups.source
        and contact_versions.contact_id = contact_groups.contact_id
    where not exists (
        select 1 from contact_groups as current_groups
        where current_groups.email = contact_versions.email
    )

),

final as (

    select
        email,
        lead_id
    from former_emails_ranked
    where lead_rank = 1

)

select * from final
