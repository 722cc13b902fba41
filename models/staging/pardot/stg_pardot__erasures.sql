-- Grain: prospect that was deleted in Pardot: gone for good (`_fivetran_deleted`) or in the recycle bin (`is_archived`). Whoever is deleted there is
-- forgotten here; a prospect that is taken out of the bin is remembered by the next build.
{{ config(enabled='pardot' in var('lead_scoring_sources')) }}

with prospects as (

    {{ lead_scoring.latest_rows(source('pardot', 'prospect'), 'id', [
        'updated_at', '_fivetran_synced', '_fivetran_deleted', 'is_archived', 'email', '_raw_unreadable', '_raw_file', '_raw_row', '_raw_text',
    ]) }}

),

prospects_dated as (

    select
        prospects.*,
        coalesce(
            _fivetran_synced, {{ lead_scoring.local_to_utc('updated_at', var('lead_scoring_source_timezones').get('pardot', 'UTC')) }}
        ) as changed_at
    from prospects

),

-- Pardot allows several prospects of one address.
prospects_judged as (

    select
        -- ids
        prospects_dated.id as contact_id,
        prospects_dated.email,
        -- booleans
        coalesce(prospects_dated._fivetran_deleted, false) or coalesce(prospects_dated.is_archived, false) as is_deleted,
        -- times
        prospects_dated.changed_at as requested_at,
        prospects_dated.changed_at as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('prospect', 'prospects_dated') }}
    from prospects_dated

),

final as (

    {{ lead_scoring.erasures_among('prospects_judged') }}

)

select * from final
