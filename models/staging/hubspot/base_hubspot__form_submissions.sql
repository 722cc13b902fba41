-- Grain: row of contact_form_submission as delivered. A form that a contact sent.
{{ config(enabled='hubspot' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('hubspot', 'contact_form_submission') }}

),

forms as (

    {{ lead_scoring.latest_rows(source('hubspot', 'form'), 'guid', ['name']) }}

),

final as (

    select
        -- ids
        -- When contacts are merged one submission may stand at both; its own id knows that it is one.
        'form_submission:' || coalesce(
            source.conversion_id,
            source.contact_id || ':' || coalesce(source.form_id, '') || ':' || cast(source.timestamp as string)
        ) as event_id,
        cast(null as string) as email,
        source.contact_id,
        cast(null as string) as email_id,
        -- strings
        'FORM_SUBMISSION' as vendor_type,
        cast(null as string) as native_code,
        cast(null as string) as campaign,
        cast(null as string) as link_url,
        cast(null as string) as referrer,
        coalesce(forms.name, source.form_id) as asset,
        source.page_url,
        source.title as page_title,
        {{ lead_scoring.json_object({'form_id': 'source.form_id'}) }} as properties,
        -- numbers
        cast(null as double) as duration_seconds,
        -- booleans
        false as is_deleted,
        -- times
        source.timestamp as occurred_at,
        source._fivetran_synced as loaded_at,

        -- provenance
        source._raw_unreadable as unreadable_columns,
        'contact_form_submission' as raw_table,
        source._raw_file as raw_file,
        source._raw_row as raw_row,
        source._raw_text as raw_text
    from source
    left join forms on source.form_id = forms.guid

)

select * from final
