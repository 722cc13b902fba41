-- Grain: row of lead or contact as delivered. Who it is, whether it still stands, and which record it became: ids of leads (00Q) and of contacts (003) are
-- one name space.
{{ config(enabled='salesforce' in var('lead_scoring_sources')) }}

with leads as (

    {{ lead_scoring.salesforce_versions('lead') }}

),

contacts as (

    {{ lead_scoring.salesforce_versions('contact') }}

),

people as (

    select
        'lead' as raw_table,
        id as contact_id,
        email,
        -- A lead that was converted stays in the table as it was; the person goes on as the contact.
        coalesce(converted_contact_id, master_record_id) as became_contact_id,
        -- When two records are merged, the one that goes is deleted, and master_record_id names the one that stays. When is the last that changed in it.
        case when converted_contact_id is not null then coalesce(converted_date, changed_at) else changed_at end as became_at,
        converted_contact_id,
        converted_opportunity_id,
        is_gone,
        is_current,
        changed_at,
        loaded_at,
        _raw_unreadable,
        _raw_file,
        _raw_row,
        _raw_text
    from leads
    union all
    select
        'contact' as raw_table,
        id as contact_id,
        email,
        master_record_id as became_contact_id,
        changed_at as became_at,
        cast(null as string) as converted_contact_id,
        cast(null as string) as converted_opportunity_id,
        is_gone,
        is_current,
        changed_at,
        loaded_at,
        _raw_unreadable,
        _raw_file,
        _raw_row,
        _raw_text
    from contacts

),

final as (

    select
        -- ids
        contact_id,
        nullif(became_contact_id, contact_id) as became_contact_id,
        converted_contact_id,
        converted_opportunity_id,
        -- strings
        email,
        -- booleans
        is_gone,
        is_current,
        -- times
        became_at,
        changed_at,
        loaded_at,

        -- provenance
        _raw_unreadable as unreadable_columns,
        raw_table,
        _raw_file as raw_file,
        _raw_row as raw_row,
        _raw_text as raw_text
    from people

)

select * from final
