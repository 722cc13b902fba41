-- Grain: merge as delivered. HubSpot tells of one merge in up to three places, and none of them tells of all: the surviving contact's list of ids with
-- times, its list of ids without, and the audit of older accounts.
{{ config(enabled='hubspot' in var('lead_scoring_sources')) }}

with contacts as (

    select * from {{ source('hubspot', 'contact') }}

),

merge_audit as (

    select * from {{ source('hubspot', 'contact_merge_audit') }}

),

timed_merges as (

    select
        id as merged_into_contact_id,
        property_createdate,
        _fivetran_synced,
        _raw_file,
        _raw_row,
        _raw_text,
        {{ lead_scoring.split_to_rows('property_hs_calculated_merged_vids', ';') }} as merged_item
    from contacts
    where property_hs_calculated_merged_vids is not null

),

untimed_merges as (

    select
        id as merged_into_contact_id,
        property_createdate,
        _fivetran_synced,
        _raw_file,
        _raw_row,
        _raw_text,
        {{ lead_scoring.split_to_rows('property_hs_merged_object_ids', ';') }} as merged_item
    from contacts
    where property_hs_merged_object_ids is not null

),

merges_listed as (

    select
        {{ lead_scoring.trimmed("regexp_extract(merged_item, '^([^:]*)', 1)") }} as contact_id,
        merged_into_contact_id,
        {{ lead_scoring.text_to_timestamp("regexp_extract(merged_item, ':[ ]*([0-9]*)', 1)") }} as stated_at,
        property_createdate,
        _fivetran_synced,
        'contact' as raw_table,
        _raw_file,
        _raw_row,
        _raw_text
    from timed_merges
    union all
    select
        {{ lead_scoring.trimmed('merged_item') }} as contact_id,
        merged_into_contact_id,
        cast(null as timestamp) as stated_at,
        property_createdate,
        _fivetran_synced,
        'contact' as raw_table,
        _raw_file,
        _raw_row,
        _raw_text
    from untimed_merges

),

final as (

    select
        -- ids
        contact_id,
        merged_into_contact_id,
        -- times
        -- A merge without a time is taken for as old as the survivor: when the two accounts contradict one another, the one that knows its time counts.
        coalesce(stated_at, property_createdate, _fivetran_synced) as occurred_at,
        _fivetran_synced as loaded_at,

        -- provenance
        cast(null as string) as unreadable_columns,
        raw_table,
        _raw_file as raw_file,
        _raw_row as raw_row,
        _raw_text as raw_text
    from merges_listed
    -- A contact lists itself, too, and the list may end in a separator.
    where contact_id <> '' and contact_id <> merged_into_contact_id
    -- Not all: a list may name a contact twice.
    union
    select
        merge_audit.vid_to_merge as contact_id,
        coalesce(merge_audit.canonical_vid, merge_audit.contact_id) as merged_into_contact_id,
        merge_audit.timestamp as occurred_at,
        merge_audit._fivetran_synced as loaded_at,
        merge_audit._raw_unreadable as unreadable_columns,
        'contact_merge_audit' as raw_table,
        merge_audit._raw_file as raw_file,
        merge_audit._raw_row as raw_row,
        merge_audit._raw_text as raw_text
    from merge_audit
    where merge_audit.vid_to_merge is null
        or merge_audit.vid_to_merge <> coalesce(merge_audit.canonical_vid, merge_audit.contact_id, '')

)

select * from final
