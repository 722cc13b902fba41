-- Grain: company version as delivered.
{{ config(enabled='generic' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('generic', 'accounts') }}

),

renamed as (

    select
        -- ids
        company_domain,
        -- strings
        name,
        industry,
        country,
        -- numbers
        employee_count,
        annual_revenue,
        -- times
        updated_at,
        loaded_at,

        -- provenance
        _raw_unreadable as unreadable_columns,
        'accounts' as raw_table,
        _raw_file as raw_file,
        _raw_row as raw_row,
        _raw_text as raw_text
    from source

)

select * from renamed
