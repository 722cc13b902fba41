-- Grain: row of a lead or contact that became another record: a lead that was converted, or a record that was merged into another.
{{ config(enabled='salesforce' in var('lead_scoring_sources')) }}

with people as (

    select * from {{ ref('base_salesforce__people') }}

),

final as (

    select
        -- ids
        contact_id,
        became_contact_id as merged_into_contact_id,
        -- times
        became_at as occurred_at,
        loaded_at,

        -- provenance
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from people
    -- A row without an id is told of among the contacts. An older row of a record that is no longer merged says nothing.
    where contact_id is not null and became_contact_id is not null and is_current

)

select * from final
