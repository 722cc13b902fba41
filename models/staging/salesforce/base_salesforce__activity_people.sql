-- Grain: activity (task or event), lead or contact. Further people of an activity, where an account allows several, and whether they declined. Users and
-- rooms are no leads.
{{ config(enabled='salesforce' in var('lead_scoring_sources')) }}

with task_relations as (

    {{ lead_scoring.salesforce_versions('task_relation') }}

),

event_relations as (

    {{ lead_scoring.salesforce_versions('event_relation') }}

),

relations as (

    select
        task_id as activity_id,
        relation_id as contact_id,
        0 as declined
    from task_relations
    where is_current and not is_gone and not coalesce(is_what, false)
    union all
    select
        event_id as activity_id,
        relation_id as contact_id,
        case when {{ lead_scoring.salesforce_code('status') }} = 'DECLINED' then 1 else 0 end as declined
    from event_relations
    where is_current and not is_gone and not coalesce(is_what, false)

),

final as (

    select
        activity_id,
        contact_id,
        -- Somebody may stand there twice, as a participant and as one who was invited.
        max(declined) = 1 as has_declined
    from relations
    -- 00Q is a lead, 003 a contact.
    where activity_id is not null and substring(contact_id, 1, 3) in ('00Q', '003')
    group by activity_id, contact_id

)

select * from final
