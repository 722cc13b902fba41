-- Grain: profile that was deleted in Klaviyo. Whoever is deleted there is forgotten here.
{{ config(enabled='klaviyo' in var('lead_scoring_sources')) }}

with people as (

    {{ lead_scoring.latest_rows(source('klaviyo', 'person'), 'id', [
        '_fivetran_synced', '_fivetran_deleted', 'updated', 'email', '_raw_unreadable', '_raw_file', '_raw_row', '_raw_text',
    ]) }}

),

people_judged as (

    select
        people.*,
        {{ lead_scoring.normalised_email('people.email') }} as address,
        coalesce(people._fivetran_deleted, false) as is_deleted
    from people

),

remaining_addresses as (

    select distinct address
    from people_judged
    where not is_deleted and address is not null

),

final as (

    select
        -- ids
        people_judged.id as contact_id,
        -- times
        coalesce(people_judged._fivetran_synced, people_judged.updated) as requested_at,
        coalesce(people_judged._fivetran_synced, people_judged.updated) as loaded_at,

        -- provenance
        people_judged._raw_unreadable as unreadable_columns,
        'person' as raw_table,
        people_judged._raw_file as raw_file,
        people_judged._raw_row as raw_row,
        people_judged._raw_text as raw_text,

        -- A profile that was merged into another one is gone, too, as is one that came back: where another profile bears the address, only the old id is forgotten.
        case when remaining_addresses.address is null then people_judged.email end as email
    from people_judged
    left join remaining_addresses on people_judged.address = remaining_addresses.address
    where people_judged.is_deleted

)

select * from final
