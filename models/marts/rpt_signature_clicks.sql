-- Grain: campaign, signature, employee, month. Which banner brings clicks. Letsignit counts clicks per employee and not per recipient, so nothing here can
-- score a lead.
{{ config(enabled='letsignit' in var('lead_scoring_sources')) }}

with signature_clicks as (

    select * from {{ ref('stg_letsignit__signature_clicks') }}
    where rejection_reason is null and not is_repeated

),

clicks_dated as (

    select
        campaign_name,
        signature_name,
        employee_email,
        link_url,
        clicks,
        clicked_on,
        cast({{ dbt.date_trunc('month', 'clicked_on') }} as date) as month_on
    from signature_clicks

),

final as (

    select
        campaign_name,
        signature_name,
        employee_email,
        month_on,
        cast(sum(clicks) as bigint) as clicks,
        count(distinct case when clicks > 0 then clicked_on end) as days_with_clicks,
        count(distinct case when clicks > 0 then link_url end) as links_clicked
    from clicks_dated
    group by campaign_name, signature_name, employee_email, month_on

)

select * from final
