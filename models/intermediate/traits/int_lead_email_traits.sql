-- Grain: lead with a delivered e-mail in the window, scored date. How a lead treats the e-mails it gets.
with window_events as (

    select * from {{ ref('int_lead_window_events') }}
    where email_id is not null
        and event_type in ('email_delivered', 'email_opened', 'email_clicked')

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
        cast({{ lead_scoring.divided('sum(was_opened)', 'count(*)') }} as decimal(18, 6)) as email_open_rate,
        cast({{ lead_scoring.divided('sum(was_clicked)', 'count(*)') }} as decimal(18, 6)) as email_click_rate,
        sum(case when recency_rank <= 3 then was_clicked else 0 end) = 3 as clicked_last_3_emails
    from deliveries_ranked
    group by lead_id, scored_on

)

select * from final
