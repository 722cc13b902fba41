-- Grain: request as delivered.
{{ config(enabled='generic' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('generic', 'erasures') }}

),

renamed as (

    select
        -- ids
        email,
        contact_id,
        -- times
        requested_at,
        loaded_at,

        -- provenance
        _raw_unreadable as unreadable_columns,
        'erasures' as raw_table,
        _raw_file as raw_file,
        _raw_row as raw_row,
        _raw_text as raw_text
    from source

)

select * from renamed
