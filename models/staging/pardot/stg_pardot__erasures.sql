-- Grain: prospect that was deleted in Pardot: gone for good (`_fivetran_deleted`) or in the recycle bin (`is_archived`). Whoever is deleted there is
-- forgotten here; a prospect that is taken out of the bin is remembered by the next build.
{{ config(enabled='pardot' in var('lead_scoring_sources')) }}

with prospects as (

    {{ lead_scoring.latest_rows(source('pardot', 'prospect'), 'id', [
        'updated_at', '_fivetran_synced', '_fivetran_deleted', 'is_archived', 'email', '_raw_unreadable', '_raw_file', '_raw_row', '_raw_text',
    ]) }}

),

prospects_judged as (

    select
        *,
        {{ lead_scoring.normalised_email('email') }} as email_normalised,
        coalesce(_fivetran_deleted, false) or coalesce(is_archived, false) as is_deleted,
        {{ lead_scoring.local_to_utc('updated_at', var('lead_scoring_source_timezones').get('pardot', 'UTC')) }} as changed_at
    from prospects

),

remaining_emails as (

    select distinct email_normalised
    from prospects_judged
    where not is_deleted and email_normalised is not null

),

final as (

    select
        -- ids
        prospects_judged.id as contact_id,
        -- times
        coalesce(prospects_judged._fivetran_synced, prospects_judged.changed_at) as requested_at,
        coalesce(prospects_judged._fivetran_synced, prospects_judged.changed_at) as loaded_at,

        -- provenance
        prospects_judged._raw_unreadable as unreadable_columns,
        'prospect' as raw_table,
        prospects_judged._raw_file as raw_file,
        prospects_judged._raw_row as raw_row,
        prospects_judged._raw_text as raw_text,

        -- Pardot allows several prospects of one address: while one of them stands, only the deleted prospect is forgotten, not the address.
        case when remaining_emails.email_normalised is null then prospects_judged.email end as email
    from prospects_judged
    left join remaining_emails on prospects_judged.email_normalised = remaining_emails.email_normalised
    where prospects_judged.is_deleted

)

select * from final
