-- Grain: lead, scored date. What a lead's behaviour over the last months says about it.
with lead_days as (

    select * from {{ ref('int_lead_days') }}

),

email_traits as (

    select * from {{ ref('int_lead_email_traits') }}

),

visit_traits as (

    select * from {{ ref('int_lead_visit_traits') }}

),

lead_orders as (

    select * from {{ ref('int_lead_orders') }}

),

final as (

    select
        lead_days.lead_id,
        lead_days.scored_on,
        email_traits.email_open_rate,
        email_traits.email_click_rate,
        coalesce(email_traits.clicked_last_3_emails, false) as clicked_last_3_emails,
        coalesce(visit_traits.session_count, 0) as session_count,
        visit_traits.bounce_rate,
        visit_traits.avg_session_seconds,
        visit_traits.pages_per_session,
        coalesce(visit_traits.page_view_count, 0) as page_view_count,
        coalesce(visit_traits.distinct_page_count, 0) as distinct_page_count,
        coalesce(visit_traits.form_submission_count, 0) as form_submission_count,
        coalesce(visit_traits.order_count, 0) as order_count,
        {{ lead_scoring.days_between('lead_days.last_activity_on', 'lead_days.scored_on') }} as days_since_last_activity,
        {{ lead_scoring.days_between('lead_orders.last_order_on', 'lead_days.scored_on') }} as days_since_last_order
    from lead_days
    left join email_traits
        on lead_days.lead_id = email_traits.lead_id
        and lead_days.scored_on = email_traits.scored_on
    left join visit_traits
        on lead_days.lead_id = visit_traits.lead_id
        and lead_days.scored_on = visit_traits.scored_on
    left join lead_orders
        on lead_days.lead_id = lead_orders.lead_id
        and lead_days.scored_on = lead_orders.scored_on

)

select * from final
