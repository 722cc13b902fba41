-- Grain: lead that may be written to, by its address.
with leads as (

    select * from {{ ref('dim_leads') }}
    where {{ lead_scoring.has_one_at('email') }}

),

suppressed as (

    select distinct key
    from {{ ref('act_suppressions') }}

),

leads_ranked as (

    select
        leads.lead_id,
        leads.email,
        row_number() over (partition by leads.email order by leads.last_activity_on desc nulls last, leads.lead_id) as email_rank
    from leads
    left join suppressed on leads.email = suppressed.key
    where suppressed.key is null

),

final as (

    select
        lead_id,
        email as key
    from leads_ranked
    where email_rank = 1

)

select * from final
