-- Grain: adjustment as delivered.
{{ config(enabled='generic' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('generic', 'adjustments') }}

),

renamed as (

    select
        -- ids
        adjustment_id,
        email,
        contact_id,
        score_model,
        -- strings
        reason,
        author,
        -- numbers
        points,
        -- times
        effective_on,
        expires_on,
        loaded_at,

        -- provenance
        _raw_unreadable as unreadable_columns,
        'adjustments' as raw_table,
        _raw_file as raw_file,
        _raw_row as raw_row,
        _raw_text as raw_text
    from source

)

select * from renamed
