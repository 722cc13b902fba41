-- Grain: outcome as delivered.
{{ config(enabled='generic' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('generic', 'outcomes') }}

),

renamed as (

    select
        -- ids
        outcome_id,
        email,
        contact_id,
        -- strings
        outcome,
        reason,
        -- numbers
        amount,
        -- times
        occurred_at,
        loaded_at,

        -- provenance
        _raw_unreadable as unreadable_columns,
        'outcomes' as raw_table,
        _raw_file as raw_file,
        _raw_row as raw_row,
        _raw_text as raw_text
    from source

)

select * from renamed
