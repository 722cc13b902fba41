-- Grain: company version as delivered. A company without a domain leads to no contact, and is delivered all the same.
{{ config(enabled='hubspot' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('hubspot', 'company') }}

),

renamed as (

    select
        -- ids
        property_domain as company_domain,
        -- strings
        property_name as name,  -- noqa: RF04
        property_industry as industry,
        property_country as country,
        -- numbers
        property_numberofemployees as employee_count,
        property_annualrevenue as annual_revenue,
        -- times
        _fivetran_synced as loaded_at,

        -- provenance
        _raw_unreadable as unreadable_columns,
        'company' as raw_table,
        _raw_file as raw_file,
        _raw_row as raw_row,
        _raw_text as raw_text,

        -- Fivetran writes a row when it changed, which is the latest that the change can have been.
        coalesce(property_hs_lastmodifieddate, _fivetran_synced) as updated_at
    from source
    where not coalesce(is_deleted, _fivetran_deleted, false)

)

select * from renamed
