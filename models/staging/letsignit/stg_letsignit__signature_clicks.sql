-- Grain: row of signature_clicks as delivered. Clicks of a day on a link of an employee's signature. They name whose signature was clicked, never who
-- clicked, so that they can score nobody: no events, no contacts.
{{ config(enabled='letsignit' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('letsignit', 'signature_clicks') }}

),

renamed as (

    select
        -- ids
        {{ lead_scoring.normalised_email('employee_email') }} as employee_email,
        -- strings
        signature_name,
        campaign_name,
        link_url,
        case
            when _raw_unreadable is not null then 'unreadable_' || _raw_unreadable
            when click_date is null then 'missing_click_date'
            when clicks is null then 'missing_clicks'
            when clicks < 0 then 'negative_clicks'
        end as rejection_reason,
        -- numbers
        clicks,
        -- times
        click_date as clicked_on,
        exported_at,

        -- provenance
        {{ lead_scoring.provenance('signature_clicks') }}
    from source

),

-- Two exports whose periods overlap tell of the same clicks: the later one stands, and of two of one time the one that had seen more of the day.
ranked as (

    select
        *,
        row_number() over (
            partition by employee_email, signature_name, campaign_name, link_url, clicked_on, rejection_reason
            order by {{ lead_scoring.total_order(['exported_at', 'clicks', 'raw_file', 'raw_row'], 'desc') }}
        ) as export_rank
    from renamed

),

final as (

    select
        -- ids
        employee_email,
        -- strings
        signature_name,
        campaign_name,
        link_url,
        rejection_reason,
        -- numbers
        clicks,
        -- booleans
        rejection_reason is null and export_rank > 1 as is_repeated,
        -- times
        clicked_on,
        exported_at,

        -- provenance
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from ranked

)

select * from final
