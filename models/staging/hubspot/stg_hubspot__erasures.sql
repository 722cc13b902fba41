-- Grain: contact that was deleted in HubSpot. Whoever is deleted there is forgotten here.
{{ config(enabled='hubspot' in var('lead_scoring_sources')) }}

with contacts as (

    {{ lead_scoring.latest_rows(source('hubspot', 'contact'), 'id', [
        '_fivetran_synced', '_fivetran_deleted', 'property_email', '_raw_unreadable', '_raw_file', '_raw_row', '_raw_text',
    ]) }}

),

identity_links as (

    select * from {{ ref('stg_hubspot__identity_links') }}

),

-- A contact that was merged into another one is flagged as deleted, too. It lives on in the other.
contacts_judged as (

    select
        contacts.*,
        {{ lead_scoring.normalised_email('contacts.property_email') }} as email,
        coalesce(contacts._fivetran_deleted, false) and not exists (
            select 1 from identity_links
            where identity_links.contact_id = contacts.id
        ) as is_deleted
    from contacts

),

remaining_emails as (

    select distinct email
    from contacts_judged
    where not is_deleted and email is not null

),

final as (

    select
        -- ids
        contacts_judged.id as contact_id,
        -- times
        contacts_judged._fivetran_synced as requested_at,
        contacts_judged._fivetran_synced as loaded_at,

        -- provenance
        contacts_judged._raw_unreadable as unreadable_columns,
        'contact' as raw_table,
        contacts_judged._raw_file as raw_file,
        contacts_judged._raw_row as raw_row,
        contacts_judged._raw_text as raw_text,

        -- Somebody who was deleted and came back as a new contact has asked for nothing: then only the old contact is forgotten, not the address.
        case when remaining_emails.email is null then contacts_judged.property_email end as email
    from contacts_judged
    left join remaining_emails on contacts_judged.email = remaining_emails.email
    where contacts_judged.is_deleted

)

select * from final
