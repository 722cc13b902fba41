-- Grain: lead, score model, action that is due. What to do next with a lead in the segment that it holds; nobody who is suppressed gets one by e-mail.
with scores as (

    select * from {{ ref('fct_lead_scores') }}

),

held_segments as (

    select * from {{ ref('int_held_segments') }}

),

leads as (

    select * from {{ ref('dim_leads') }}

),

suppressed as (

    select distinct key
    from {{ ref('act_suppressions') }}

),

next_actions as (

    select * from {{ ref('stg_config__next_actions') }}

),

final as (

    select
        scores.lead_id,
        scores.score_model,
        held_segments.held_segment as segment,
        next_actions.action,
        next_actions.channel,
        next_actions.template,
        {{ lead_scoring.hours_after('held_segments.entered_on', 'next_actions.delay_hours') }} as due_at,
        next_actions.sla_hours,
        held_segments.entered_on,
        leads.owner
    from scores
    inner join held_segments
        on scores.lead_id = held_segments.lead_id
        and scores.score_model = held_segments.score_model
    inner join leads on scores.lead_id = leads.lead_id
    inner join next_actions
        on scores.score_model = next_actions.score_model
        and held_segments.held_segment = next_actions.segment
        and (next_actions.trend is null or next_actions.trend = scores.trend)
    left join suppressed on leads.email = suppressed.key
    where next_actions.channel <> 'email'
        or (suppressed.key is null and {{ lead_scoring.has_one_at('leads.email') }})

)

select * from final
