-- Grain: row of an activity that is no e-mail as delivered: visit, page view, form, or one that another system reported (external).
{{ config(enabled='eloqua' in var('lead_scoring_sources')) }}

{% set types = {
    'activity_web_visit': 'WebVisit',
    'activity_page_view': 'PageView',
    'activity_form_submit': 'FormSubmit',
    'activity_external': 'External',
} %}
with source as (

    {% for table, type in types.items() %}
    select
        coalesce(activityid, id) as activity_id,
        contactid as contact_id,
        {{ 'cast(null as string)' if type == 'External' else 'visitorexternalid' }} as anonymous_id,
        {{ {'WebVisit': 'coalesce(activityid, id)', 'PageView': 'webvisitid'}.get(type, 'cast(null as string)') }} as session_id,
        {{ 'cast(null as string)' if type == 'WebVisit' else 'campaignid' }} as campaign_id,
        '{{ type | upper }}' as activity_type,
        {{ 'assettype' if type == 'External' else 'cast(null as string)' }} as asset_type,
        {{ 'activitytype' if type == 'External' else 'cast(null as string)' }} as external_type,
        {{ 'assetname' if type in ('FormSubmit', 'External') else 'cast(null as string)' }} as asset,
        {{ 'assetid' if type in ('FormSubmit', 'External') else 'cast(null as string)' }} as asset_id,
        {{ {'WebVisit': 'firstpageviewurl', 'PageView': 'url'}.get(type, 'cast(null as string)') }} as page_url,
        {{ 'referrerurl' if type in ('WebVisit', 'PageView') else 'cast(null as string)' }} as referrer,
        {{ 'numberofpages' if type == 'WebVisit' else 'cast(null as string)' }} as number_of_pages,
        {{ 'iswebtrackingoptedin' if type == 'PageView' else 'cast(null as string)' }} as tracking_opt_in,
        {{ lead_scoring.trimmed('duration') if type == 'WebVisit' else 'cast(null as string)' }} as duration,
        coalesce(activitydate, createdat) as occurred_at,
        _sdc_batched_at as synced_at,
        {{ lead_scoring.provenance(table) }}
    from {{ source('eloqua', table) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

timed as (

    select
        *,
        -- Seconds, or hours, minutes and seconds.
        coalesce(
            {{ lead_scoring.text_to_double('duration') }},
            3600 * {{ lead_scoring.text_to_double("regexp_extract(duration, '^([0-9]+):([0-9]{1,2}):([0-9.]+)$', 1)") }}
            + 60 * {{ lead_scoring.text_to_double("regexp_extract(duration, '^([0-9]+):([0-9]{1,2}):([0-9.]+)$', 2)") }}
            + {{ lead_scoring.text_to_double("regexp_extract(duration, '^([0-9]+):([0-9]{1,2}):([0-9.]+)$', 3)") }}
        ) as duration_seconds
    from source

),

final as (

    select
        -- ids
        activity_id,
        cast(null as string) as email,
        contact_id,
        anonymous_id,
        session_id,
        cast(null as string) as email_id,
        campaign_id,
        -- strings
        activity_type,
        activity_type as vendor_type,
        -- Asset type and type of an external activity are words of one's own, like Webinar and Attended.
        activity_type || '_' || upper({{ lead_scoring.trimmed('asset_type') }}) || '_' || upper({{ lead_scoring.trimmed('external_type') }}) as native_code,
        coalesce(asset, asset_id) as asset,
        cast(null as string) as campaign_name,
        cast(null as string) as link_url,
        page_url,
        referrer,
        {{ lead_scoring.json_object({
            'number_of_pages': 'number_of_pages',
            'is_web_tracking_opted_in': 'tracking_opt_in',
            'asset_type': 'asset_type',
            'external_type': 'external_type',
        }) }} as properties,
        -- numbers
        duration_seconds,
        -- times
        occurred_at,
        coalesce(synced_at, occurred_at) as loaded_at,

        -- provenance
        nullif(concat_ws(',', unreadable_columns, case when duration is not null and duration_seconds is null then 'Duration' end), '') as unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from timed

)

select * from final
