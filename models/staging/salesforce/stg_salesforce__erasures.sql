-- Grain: lead or contact that is deleted in Salesforce, with the leads that were converted into it. Whoever is deleted there is forgotten here.
{{ config(enabled='salesforce' in var('lead_scoring_sources')) }}

with people as (

    select
        *,
        {{ lead_scoring.normalised_email('email') }} as normalised_email
    from {{ ref('base_salesforce__people') }}
    where is_current and contact_id is not null

),

-- A record that became another one lives on in it, whether it is flagged as deleted (merges) or not (conversions). So the last of the records decides: a
-- lead that was converted, into a contact that was merged. Of one that we do not have, or a longer way, nobody can say that it is deleted.
people_judged as (

    select
        people.*,
        case
            when people.became_contact_id is null then people.is_gone
            when next_people.contact_id is null then false
            when next_people.became_contact_id is null then next_people.is_gone
            when last_people.contact_id is null or last_people.became_contact_id is not null then false
            else last_people.is_gone
        end as is_forgotten,
        case
            when people.became_contact_id is null then people.changed_at
            when next_people.became_contact_id is null then next_people.changed_at
            else last_people.changed_at
        end as deleted_at
    from people
    left join people as next_people on people.became_contact_id = next_people.contact_id
    left join people as last_people on next_people.became_contact_id = last_people.contact_id

),

remaining_emails as (

    select distinct normalised_email
    from people_judged
    where not is_forgotten and normalised_email is not null

),

final as (

    select
        -- ids
        people_judged.contact_id,
        -- Somebody who stands in another lead or contact, too, has asked for nothing: then only this record is forgotten, not the address.
        case when remaining_emails.normalised_email is null then people_judged.email end as email,
        -- times
        people_judged.deleted_at as requested_at,
        people_judged.loaded_at,

        -- provenance
        people_judged.unreadable_columns,
        people_judged.raw_table,
        people_judged.raw_file,
        people_judged.raw_row,
        people_judged.raw_text
    from people_judged
    left join remaining_emails on people_judged.normalised_email = remaining_emails.normalised_email
    where people_judged.is_forgotten

)

select * from final
