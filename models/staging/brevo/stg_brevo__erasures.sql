-- Grain: contact that was deleted in Brevo, per call of the webhook. Whoever is deleted there is forgotten here.
{{ config(enabled='brevo' in var('lead_scoring_sources')) }}

with deletions as (

    select
        *,
        {{ lead_scoring.normalised_email('email') }} as normalised_email
    from {{ ref('base_brevo__webhooks') }}
    where vendor_type = 'CONTACTDELETED'

),

contact_versions as (

    {{ lead_scoring.latest_rows(source('brevo', 'contacts'), 'id', ['email', 'createdat'], loaded_at='modifiedat') }}

),

contacts as (

    select
        id as contact_id,
        {{ lead_scoring.normalised_email('email') }} as normalised_email,
        createdat as created_at
    from contact_versions
    where email is not null

),

-- Somebody who was deleted and came back as a new contact has asked for nothing: then only the old contact is forgotten, not the address.
returns as (

    select
        normalised_email,
        max(created_at) as created_at
    from contacts
    group by normalised_email

),

final as (

    select
        -- ids
        contacts.contact_id,
        case when returns.created_at is null then deletions.email end as email,
        -- times
        deletions.occurred_at as requested_at,
        deletions.loaded_at,

        -- provenance
        deletions.unreadable_columns,
        deletions.raw_table,
        deletions.raw_file,
        deletions.raw_row,
        deletions.raw_text
    from deletions
    -- The call names an address, and no contact: meant are those that had it then.
    left join contacts
        on deletions.normalised_email = contacts.normalised_email
        and contacts.created_at <= deletions.occurred_at
    left join returns
        on deletions.normalised_email = returns.normalised_email
        and returns.created_at > deletions.occurred_at
    where contacts.contact_id is not null or returns.created_at is null

)

select * from final
