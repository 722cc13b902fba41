-- Grain: contact that was deleted or made anonymous in ActiveCampaign. Whoever is gone there is forgotten here.
{{ config(enabled='activecampaign' in var('lead_scoring_sources')) }}

with contacts as (

    select * from {{ ref('base_activecampaign__contacts') }}

),

remaining_emails as (

    select distinct email
    from contacts
    where not is_deleted and email is not null

),

final as (

    select
        -- ids
        contacts.contact_id,
        -- times
        contacts.loaded_at as requested_at,
        contacts.loaded_at,

        -- provenance
        contacts.unreadable_columns,
        contacts.raw_table,
        contacts.raw_file,
        contacts.raw_row,
        contacts.raw_text,

        -- Somebody who was deleted and came back as a new contact has asked for nothing: then only the old contact is forgotten, not the address.
        case when remaining_emails.email is null then contacts.stated_email end as email
    from contacts
    left join remaining_emails on contacts.email = remaining_emails.email
    where contacts.is_deleted

)

select * from final
