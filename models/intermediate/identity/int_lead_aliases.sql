-- Grain: alias, an id made of an e-mail or a contact id that leads to another lead. Hashes only, so that it may hold the erased ones too: their
-- rows have to be recognised to be dropped. An id that is not here stands for itself.
with contact_groups as (

    select * from {{ ref('int_contact_groups') }}

),

email_groups as (

    select * from {{ ref('int_email_groups') }}

),

aliases as (

    select
        {{ lead_scoring.lead_id_of_contact('source', 'contact_id') }} as alias_id,
        lead_id
    from contact_groups
    union all
    select
        {{ lead_scoring.lead_id_of_email('email') }} as alias_id,
        lead_id
    from email_groups

),

final as (

    select
        alias_id,
        lead_id
    from aliases
    where alias_id <> lead_id

)

select * from final
