-- Grain: lead or contact that is deleted in Salesforce, with the leads that were converted into it. Whoever is deleted there is forgotten here.
{{ config(enabled='salesforce' in var('lead_scoring_sources')) }}

with people as (

    select * from {{ ref('base_salesforce__people') }}
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
        end as is_deleted,
        case
            when people.became_contact_id is null then people.changed_at
            when next_people.became_contact_id is null then next_people.changed_at
            else last_people.changed_at
        end as requested_at
    from people
    left join people as next_people on people.became_contact_id = next_people.contact_id
    left join people as last_people on next_people.became_contact_id = last_people.contact_id

),

final as (

    {{ lead_scoring.erasures_among('people_judged') }}

)

select * from final
