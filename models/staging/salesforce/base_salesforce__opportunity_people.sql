-- Grain: opportunity, contact. Who is known to take part in a deal. The other contacts of its account are not: of a large company nobody can say which of
-- them buys.
{{ config(enabled='salesforce' in var('lead_scoring_sources')) }}

with roles as (

    {{ lead_scoring.salesforce_versions('opportunity_contact_role') }}

),

opportunities as (

    select * from ({{ lead_scoring.salesforce_versions('opportunity') }}) as opportunity_versions
    where is_current

),

accounts as (

    select * from ({{ lead_scoring.salesforce_versions('account') }}) as account_versions
    where is_current and person_contact_id is not null

),

people as (

    select * from {{ ref('base_salesforce__people') }}

),

participants as (

    select
        opportunity_id,
        contact_id,
        case when is_primary then 1 else 0 end as primary_flag
    from roles
    where is_current and not is_gone
    union all
    select
        id as opportunity_id,
        contact_id,
        1 as primary_flag
    from opportunities
    where contact_id is not null
    union all
    -- The buyer of a person account is the person.
    select
        opportunities.id as opportunity_id,
        accounts.person_contact_id as contact_id,
        1 as primary_flag
    from opportunities
    inner join accounts on opportunities.account_id = accounts.id
    union all
    -- The opportunity that a lead's conversion opened.
    select
        converted_opportunity_id as opportunity_id,
        converted_contact_id as contact_id,
        0 as primary_flag
    from people
    where is_current and converted_opportunity_id is not null and converted_contact_id is not null

),

final as (

    select
        opportunity_id,
        contact_id,
        max(primary_flag) = 1 as is_primary
    from participants
    where opportunity_id is not null and contact_id is not null
    group by opportunity_id, contact_id

)

select * from final
