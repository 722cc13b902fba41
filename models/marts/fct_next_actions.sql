-- Grain: lead, score model, action that is due. What to do next with a lead in its segment; nobody who objected to e-mails gets one.
with scores as (

    select * from {{ ref('fct_lead_scores') }}

),

leads as (

    select * from {{ ref('dim_leads') }}

),

next_actions as (

    select * from {{ ref('stg_config__next_actions') }}

),

final as (

    select
        scores.lead_id,
        scores.score_model,
        scores.segment,
        next_actions.action,
        next_actions.channel,
        next_actions.template,
        {{ lead_scoring.hours_after('scores.as_of_date', 'next_actions.delay_hours') }} as due_at,
        next_actions.sla_hours
    from scores
    inner join leads on scores.lead_id = leads.lead_id
    inner join next_actions
        on scores.score_model = next_actions.score_model
        and scores.segment = next_actions.segment
        and (next_actions.trend is null or next_actions.trend = scores.trend)
    where next_actions.channel <> 'email'
        or (not coalesce(leads.is_email_opted_out, false) and {{ lead_scoring.has_one_at('leads.email') }})

)

select * from final
