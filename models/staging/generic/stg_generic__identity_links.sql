-- Grain: merge as delivered.
{{ config(enabled='generic' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('generic', 'identity_links') }}

),

renamed as (

    select
        -- ids
        contact_id,
        merged_into_contact_id,
        -- times
        occurred_at,
        loaded_at,

        -- provenance
        _raw_unreadable as unreadable_columns,
        'identity_links' as raw_table,
        _raw_file as raw_file,
        _raw_row as raw_row,
        _raw_text as raw_text
    from source

)

select * from renamed
