-- Grain: lead that was deleted in Marketo. Whoever is deleted there is forgotten here.
{{ config(enabled='marketo' in var('lead_scoring_sources')) }}

with deletions as (

    {{ lead_scoring.latest_rows(source('marketo', 'activity_delete_lead'), 'lead_id', [
        'activity_date', '_fivetran_synced', '_raw_unreadable', '_raw_file', '_raw_row', '_raw_text',
    ], 'activity_date') }}

),

leads as (

    {{ lead_scoring.latest_rows(source('marketo', 'lead'), 'id', [
        '_fivetran_synced', 'updated_at', '_fivetran_deleted', 'email', '_raw_unreadable', '_raw_file', '_raw_row', '_raw_text',
    ]) }}

),

identity_links as (

    select * from {{ ref('stg_marketo__identity_links') }}

),

leads_judged as (

    select
        coalesce(deletions.lead_id, leads.id) as contact_id,
        leads.email,
        coalesce(deletions.activity_date, leads._fivetran_synced, leads.updated_at) as requested_at,
        coalesce(deletions._fivetran_synced, deletions.activity_date, leads._fivetran_synced, leads.updated_at) as loaded_at,
        case when deletions.lead_id is not null then 'activity_delete_lead' else 'lead' end as raw_table,
        coalesce(deletions._raw_file, leads._raw_file) as raw_file,
        coalesce(deletions._raw_row, leads._raw_row) as raw_row,
        coalesce(deletions._raw_text, leads._raw_text) as raw_text,
        case when deletions.lead_id is not null then deletions._raw_unreadable else leads._raw_unreadable end as unreadable_columns,
        deletions.lead_id is not null or coalesce(leads._fivetran_deleted, false) as is_gone
    from leads
    full outer join deletions on leads.id = deletions.lead_id

),

-- A lead that was merged into another one is gone, too. It lives on in the other.
leads_deleted as (

    select
        *,
        is_gone and not exists (
            select 1 from identity_links
            where identity_links.contact_id = leads_judged.contact_id
        ) as is_deleted
    from leads_judged

),

final as (

    {{ lead_scoring.erasures_among('leads_deleted') }}

)

select * from final
