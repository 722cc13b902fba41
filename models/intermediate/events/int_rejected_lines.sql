-- Grain: line of a text file that is no row. Of all sources that are on, with the kind of table it belongs to.
{{ config(materialized='view') }}

{% for source_name in var('lead_scoring_sources') %}
select
    '{{ source_name }}' as source,
    raw_table,
    case when raw_table in ('{{ var("lead_scoring_event_tables").get(source_name, ["events"]) | join("', '") }}') then 'events' else 'records' end as kind,
    raw_file,
    raw_row,
    raw_text,
    rejection_reason
from {{ source(source_name, '_rejected_lines') }}
{{ 'union all' if not loop.last }}
{% endfor %}
