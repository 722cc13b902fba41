-- Grain: line of a text file that is no row. Of all sources that are on and have files, with the kind of table it belongs to.
{{ config(materialized='view') }}

{% for source_name in var('lead_scoring_sources') if lead_scoring.has_raw_tables(source_name) %}
select
    '{{ source_name }}' as source,
    raw_table,
    case when raw_table in ('{{ (var("lead_scoring_event_tables").get(source_name) or ["events"]) | join("', '") }}') then 'events' else 'records' end as kind,
    raw_file,
    raw_row,
    raw_text,
    rejection_reason
from {{ source(source_name, '_rejected_lines') }}
union all
{% endfor %}
select
    cast(null as string) as source,
    cast(null as string) as raw_table,
    cast(null as string) as kind,
    cast(null as string) as raw_file,
    cast(null as bigint) as raw_row,
    cast(null as string) as raw_text,
    cast(null as string) as rejection_reason
where 1 = 0
