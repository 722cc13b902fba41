-- Grain: row of an activity table as delivered. What a lead did, with the code that source_event_types.csv is asked for.
{{ config(enabled='marketo' in var('lead_scoring_sources')) }}

{%- set kinds = [
    'send_email', 'email_delivered', 'email_bounced', 'email_bounced_soft', 'unsubscribe_email', 'open_email', 'click_email', 'visit_webpage', 'fill_out_form',
    'fill_out_facebook_lead_ads_form', 'click_link', 'send_sales_email', 'open_sales_email', 'click_sales_email', 'receive_sales_email', 'sales_email_bounced',
    'interesting_moment', 'change_status_in_progression',
] %}

with activities as (
    {% for kind in kinds %}
    select
        id,
        lead_id,
        campaign_id,
        primary_attribute_value_id,
        primary_attribute_value,
        email_template_id,
        upper({{ lead_scoring.trimmed('action_result') }}) as action_result,
        link,
        {{ lead_scoring.trimmed('user_agent') }} as user_agent,
        is_bot_activity,
        bot_activity_pattern,
        upper({{ lead_scoring.trimmed('category') }}) as bounce_category,
        subcategory as bounce_subcategory,
        webpage_url,
        query_parameters,
        referrer_url,
        lead_ad_form_name,
        new_status,
        activity_date as occurred_at,
        _fivetran_synced as synced_at,
        {{ lead_scoring.provenance('activity_' ~ kind) }},
        -- The table says what happened; the ids of the types differ between accounts.
        '{{ kind | upper }}' as vendor_type
    from {{ source('marketo', 'activity_' ~ kind) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

campaigns as (

    {{ lead_scoring.latest_rows(source('marketo', 'campaign'), 'id', ['name', 'program_id'], 'updated_at') }}

),

emails as (

    {{ lead_scoring.latest_rows(source('marketo', 'email_template_history'), 'id', ['name', 'program_id'], 'updated_at') }}

),

programs as (

    {{ lead_scoring.latest_rows(source('marketo', 'program'), 'id', ['name', 'type'], 'updated_at') }}

),

-- A status belongs to the program that it names; anything else to that of its campaign, or of its e-mail.
joined as (

    select
        activities.*,
        coalesce(programs.name, campaigns.name, emails.name) as campaign,
        upper(replace({{ lead_scoring.trimmed('programs.type') }}, ' ', '')) as program_type,
        upper(replace({{ lead_scoring.trimmed('activities.new_status') }}, ' ', '_')) as program_status
    from activities
    left join campaigns on activities.campaign_id = campaigns.id
    left join emails on activities.email_template_id = emails.id
    left join programs
        on case when activities.vendor_type = 'CHANGE_STATUS_IN_PROGRESSION' then activities.primary_attribute_value_id else coalesce(campaigns.program_id, emails.program_id) end = programs.id

),

final as (

    select
        *,
        -- What source_event_types.csv is asked first; where it does not know the answer it is asked for the type alone.
        case
            -- A step that was skipped did not take place.
            when action_result <> 'SUCCEEDED' then vendor_type || '_' || action_result
            when vendor_type in ('OPEN_EMAIL', 'CLICK_EMAIL') and is_bot_activity then vendor_type || '_BOT'
            -- Apple's Mail Privacy Protection loads the images of every e-mail, read or not, and says nothing but this of itself.
            when vendor_type = 'OPEN_EMAIL' and user_agent = 'Mozilla/5.0' then vendor_type || '_APPLE_PROXY'
            when vendor_type in ('EMAIL_BOUNCED', 'EMAIL_BOUNCED_SOFT', 'SALES_EMAIL_BOUNCED') then vendor_type || '_' || bounce_category
            -- A link to a page is a visit of that page, which Marketo tells as well.
            when vendor_type = 'CLICK_LINK' and {{ lead_scoring.matches_regex("lower(" ~ lead_scoring.url_path('primary_attribute_value') ~ ")", "'[.](pdf|docx?|xlsx?|pptx?|odt|ods|odp|epub|csv|zip|ics)$'") }}
                then vendor_type || '_FILE'
            when vendor_type = 'CHANGE_STATUS_IN_PROGRESSION' then vendor_type || coalesce('_' || program_type, '') || '_' || program_status
        end as native_code
    from joined

)

select * from final
