-- Grain: lead with a delivered e-mail in the window, scored date. How a lead treats the e-mails it gets.
with rule_conditions as (

    select * from {{ ref('int_rule_conditions') }}
    where scope = 'trait'

),

-- What no rule names is not computed.
dates_asked_for as (

    select scored_on from {{ ref('int_scored_dates') }}
    where exists (
        select 1 from rule_conditions
        where rule_conditions.field in ('email_open_rate', 'email_click_rate', 'clicked_last_3_emails')
    )

),

window_events as (

    select window_events.*
    from {{ ref('int_lead_window_events') }} as window_events
    inner join dates_asked_for on window_events.scored_on = dates_asked_for.scored_on
    where window_events.email_id is not null
        and window_events.event_type in ('email_delivered', 'email_opened', 'email_clicked')

),

emails as (

    select
        lead_id,
        scored_on,
        email_id,
        max(case when event_type = 'email_delivered' then occurred_at end) as delivered_at,
        max(case when event_type = 'email_opened' then 1 else 0 end) as was_opened,
        max(case when event_type = 'email_clicked' then 1 else 0 end) as was_clicked
    from window_events
    group by lead_id, scored_on, email_id

),

deliveries_ranked as (

    select
        lead_id,
        scored_on,
        was_opened,
        was_clicked,
        row_number() over (partition by lead_id, scored_on order by delivered_at desc, email_id) as recency_rank
    from emails
    where delivered_at is not null

),

final as (

    select
        lead_id,
        scored_on,
        {{ lead_scoring.ratio('sum(was_opened)', 'count(*)') }} as email_open_rate,
        {{ lead_scoring.ratio('sum(was_clicked)', 'count(*)') }} as email_click_rate,
        sum(case when recency_rank <= 3 then was_clicked else 0 end) = 3 as clicked_last_3_emails
    from deliveries_ranked
    group by lead_id, scored_on

)

select * from final
