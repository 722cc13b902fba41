-- Grain: row of aliases as delivered. One user id became another.
{{ config(enabled='segment' in var('lead_scoring_sources')) }}

with source as (

    select * from {{ source('segment', 'aliases') }}

),

renamed as (

    select
        -- ids
        previous_id as contact_id,
        user_id as merged_into_contact_id,
        -- times
        timestamp as occurred_at,
        received_at as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('aliases') }}
    from source
    where previous_id is null or user_id is null or previous_id <> user_id

)

select * from renamed
