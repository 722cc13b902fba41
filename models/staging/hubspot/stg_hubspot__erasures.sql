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
        -- ids
        contacts.id as contact_id,
        contacts.property_email as email,
        -- booleans
        coalesce(contacts._fivetran_deleted, false) and not exists (
            select 1 from identity_links
            where identity_links.contact_id = contacts.id
        ) as is_deleted,
        -- times
        contacts._fivetran_synced as requested_at,
        contacts._fivetran_synced as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('contact', 'contacts') }}
    from contacts

),

final as (

    {{ lead_scoring.erasures_among('contacts_judged') }}

)

select * from final
