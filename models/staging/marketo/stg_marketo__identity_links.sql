-- Grain: lead that was merged away x merge as delivered.
{{ config(enabled='marketo' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('marketo', 'activity_merge_leads') }}

),

-- The list comes as `[12,13]`.
merges_listed as (

    select
        lead_id,
        merge_ids,
        activity_date,
        _fivetran_synced,
        {{ lead_scoring.provenance('activity_merge_leads') }},
        {{ lead_scoring.split_to_rows("coalesce(replace(replace(replace(merge_ids, '[', ''), ']', ''), '\"', ''), '')", ',') }} as merged_item
    from source

),

merges_trimmed as (

    select
        *,
        nullif({{ lead_scoring.trimmed('merged_item') }}, '') as contact_id
    from merges_listed

),

final as (

    -- A list may name a lead twice.
    select distinct
        -- ids
        contact_id,
        lead_id as merged_into_contact_id,
        -- times
        activity_date as occurred_at,
        coalesce(_fivetran_synced, activity_date) as loaded_at,

        -- provenance
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from merges_trimmed
    -- A merge that does not say of whom is kept, to be reported; an empty end of a list is nothing.
    where (contact_id is not null or merge_ids is null) and coalesce(contact_id <> lead_id, true)

)

select * from final
