-- Grain: contact that was deleted or made anonymous in ActiveCampaign. Whoever is gone there is forgotten here.
{{ config(enabled='activecampaign' in var('lead_scoring_sources')) }}

with contacts as (

    select
        -- ids
        contact_id,
        stated_email as email,
        -- booleans
        is_deleted,
        -- times
        loaded_at as requested_at,
        loaded_at,

        -- provenance
        unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text
    from {{ ref('base_activecampaign__contacts') }}

),

final as (

    {{ lead_scoring.erasures_among('contacts') }}

)

select * from final
