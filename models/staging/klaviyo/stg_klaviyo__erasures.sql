-- Grain: profile that was deleted in Klaviyo. Whoever is deleted there is forgotten here.
{{ config(enabled='klaviyo' in var('lead_scoring_sources')) }}

with people as (

    {{ lead_scoring.latest_rows(source('klaviyo', 'person'), 'id', [
        '_fivetran_synced', '_fivetran_deleted', 'updated', 'email', '_raw_unreadable', '_raw_file', '_raw_row', '_raw_text',
    ]) }}

),

-- A profile that was merged into another one is gone, too, as is one that came back under another id.
people_judged as (

    select
        -- ids
        people.id as contact_id,
        people.email,
        -- booleans
        coalesce(people._fivetran_deleted, false) as is_deleted,
        -- times
        coalesce(people._fivetran_synced, people.updated) as requested_at,
        coalesce(people._fivetran_synced, people.updated) as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('person', 'people') }}
    from people

),

final as (

    {{ lead_scoring.erasures_among('people_judged') }}

)

select * from final
