-- Grain: statement about who is who: an alias of a lead, a lead that asked to be forgotten, somebody's words at a browser. Ids only.
-- What decides whose an event is, in one list, so that two runs can be compared.
{{ config(materialized='view') }}

with lead_aliases as (

    select * from {{ ref('int_lead_aliases') }}

),

erased_leads as (

    select * from {{ ref('int_erased_leads') }}

),

contact_versions as (

    select * from {{ ref('int_contacts_classified') }}
    where rejection_reason is null and anonymous_id is not null

),

contact_groups as (

    select * from {{ ref('int_contact_groups') }}

),

final as (

    select
        'alias' as kind,
        alias_id as identity_id,
        lead_id,
        cast(null as timestamp) as identified_at
    from lead_aliases
    union all
    select
        'erased' as kind,
        lead_id as identity_id,
        lead_id,
        cast(null as timestamp) as identified_at
    from erased_leads
    union all
    select distinct
        'browser' as kind,
        contact_versions.anonymous_id as identity_id,
        contact_groups.lead_id,
        contact_versions.created_at as identified_at
    from contact_versions
    inner join contact_groups
        on contact_versions.source = contact_groups.source
        and contact_versions.contact_id = contact_groups.contact_id

)

select * from final
