-- Grain: outcome of a lead.
with rows_delivered as (

    {{ lead_scoring.union_sources('outcomes') }}

),

lead_aliases as (

    select * from {{ ref('int_lead_aliases') }}

),

erased_leads as (

    select * from {{ ref('int_erased_leads') }}

),

emails_normalised as (

    select
        source,
        outcome_id,
        {{ lead_scoring.normalised_email('email') }} as email,
        contact_id,
        {{ lead_scoring.comparable('outcome') }} as outcome,
        reason,
        occurred_at,
        loaded_at,
        cast(case when abs(amount) < 1e12 then amount end as decimal(18, 4)) as amount
    from rows_delivered
    where outcome_id is not null and outcome is not null and occurred_at is not null and loaded_at is not null

),

versions_ranked as (

    select
        *,
        row_number() over (
            partition by source, outcome_id
            order by {{ lead_scoring.total_order(['loaded_at', 'email', 'contact_id', 'outcome', 'reason', 'occurred_at', 'amount'], 'desc') }}
        ) as version_rank
    from emails_normalised

),

resolved as (

    select
        coalesce(lead_aliases.lead_id, {{ lead_scoring.alias_id('versions_ranked') }}) as lead_id,
        versions_ranked.*
    from versions_ranked
    left join lead_aliases on {{ lead_scoring.alias_id('versions_ranked') }} = lead_aliases.alias_id
    where versions_ranked.version_rank = 1

),

final as (

    select
        lead_id,
        source,
        outcome_id,
        outcome,
        reason,
        occurred_at,
        {{ lead_scoring.local_date('occurred_at') }} as occurred_on,
        amount
    from resolved
    where lead_id is not null
        and not exists (select 1 from erased_leads where erased_leads.lead_id = resolved.lead_id)

)

select * from final
