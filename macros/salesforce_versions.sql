{# The rows of a Salesforce table as delivered, as far as they are known by known_at, with
     changed_at, loaded_at   when the record was last changed in Salesforce, and when we got the row; each does for the other where it is missing
     is_gone                 the row says that the record is deleted, or (history mode) that the version no longer holds
     record_version          from 1, in the order of the changes
     is_current              no later row speaks of the record
   Connectors replace rows, but a folder of files keeps every version, and so does history mode: what an older row said and the current one does not repeat is
   taken back. Of two rows of one moment the one that still holds is the later. #}
{% macro salesforce_versions(table) -%}
    select
        versions.*,
        id is null or record_version = count(*) over (partition by id) as is_current
    from (
        select
            source_rows.*,
            row_number() over (
                partition by id
                order by
                    {{ lead_scoring.total_order(['changed_at'], 'asc') }},
                    case when is_gone then 0 else 1 end,
                    {{ lead_scoring.total_order(['loaded_at', '_raw_text', '_raw_file', '_raw_row'], 'asc') }}
            ) as record_version
        from (
            select
                *,
                coalesce(system_modstamp, last_modified_date, _fivetran_synced) as changed_at,
                coalesce(_fivetran_synced, system_modstamp, last_modified_date, created_date) as loaded_at,
                coalesce(is_deleted, false) or not coalesce(_fivetran_active, true) as is_gone
            from {{ source('salesforce', table) }}
        ) as source_rows
        where {{ lead_scoring.is_known('loaded_at') }}
    ) as versions
{%- endmacro %}


{# A word of Salesforce's lists as a part of a code: `Left Voicemail` is LEFT_VOICEMAIL. #}
{% macro salesforce_code(text) -%}
    upper(replace({{ lead_scoring.trimmed(text) }}, ' ', '_'))
{%- endmacro %}
