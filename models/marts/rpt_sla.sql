-- Grain: score model, segment, owner, month. Whether sales did in time what marketing handed over: stints in segments whose next action is no e-mail.
-- In time is an outcome `contacted` or one that follows it, within the action's delay and hours.
with stints as (

    select * from {{ ref('fct_segment_membership') }}

),

leads as (

    select * from {{ ref('dim_leads') }}

),

outcomes as (

    select * from {{ ref('int_outcomes_resolved') }}
    where occurred_on <= {{ lead_scoring.as_of_date() }}

),

-- Of several actions of a segment the one that has to be done first. One for a trend is not due for everybody in it.
deadlines as (

    select
        score_model,
        segment,
        min(delay_hours + sla_hours) as hours_to_act
    from {{ ref('stg_config__next_actions') }}
    where channel <> 'email'
        and trend is null
    group by score_model, segment

),

handovers as (

    select
        stints.lead_id,
        stints.score_model,
        stints.segment,
        stints.entered_on,
        leads.owner,
        {{ lead_scoring.hours_after('stints.entered_on', '0') }} as handed_over_at,
        {{ lead_scoring.hours_after('stints.entered_on', 'deadlines.hours_to_act') }} as due_at
    from stints
    inner join deadlines
        on stints.score_model = deadlines.score_model
        and stints.segment = deadlines.segment
    inner join leads on stints.lead_id = leads.lead_id

),

handovers_answered as (

    select
        handovers.lead_id,
        handovers.score_model,
        handovers.segment,
        handovers.entered_on,
        handovers.owner,
        handovers.due_at,
        min(outcomes.occurred_at) as first_done_at
    from handovers
    left join outcomes
        on handovers.lead_id = outcomes.lead_id
        and handovers.handed_over_at <= outcomes.occurred_at
    group by handovers.lead_id, handovers.score_model, handovers.segment, handovers.entered_on, handovers.owner, handovers.due_at

),

final as (

    select
        score_model,
        segment,
        owner,
        cast({{ dbt.date_trunc('month', 'entered_on') }} as date) as month_on,
        count(*) as handovers,
        count(case when first_done_at <= due_at then 1 end) as done_in_time,
        count(case when first_done_at > due_at then 1 end) as done_late,
        count(case when first_done_at is null and due_at < {{ lead_scoring.hours_after(lead_scoring.days_after(lead_scoring.as_of_date(), '1'), '0') }} then 1 end) as overdue,
        count(case when first_done_at is null and due_at >= {{ lead_scoring.hours_after(lead_scoring.days_after(lead_scoring.as_of_date(), '1'), '0') }} then 1 end) as open_handovers
    from handovers_answered
    group by score_model, segment, owner, cast({{ dbt.date_trunc('month', 'entered_on') }} as date)

)

select * from final
