-- Grain: lead that an event belonged to, belongs to or may belong to that may be another one than in the run before: of a browser everybody who ever sat there.
-- Empty when everything is made anew.
{% if lead_scoring.is_day_run() -%}
with events_changed as (

    select * from {{ ref('int_events_changed') }}

),

rows_changed as (

    select event_rows.alias_id, event_rows.anonymous_id
    from {{ ref('int_events_classified') }} as event_rows
    inner join events_changed on event_rows.event_hash = events_changed.event_hash

),

lead_aliases as (

    select * from {{ ref('int_lead_aliases') }}

),

stints as (

    select anonymous_id, lead_id from {{ ref('int_anonymous_stints') }}
    union
    select anonymous_id, lead_id from {{ lead_scoring.as_left('int_anonymous_identifications') }}

),

final as (

    select events_counted.lead_id
    from {{ lead_scoring.as_left('int_events_counted') }} as events_counted
    inner join events_changed on events_counted.event_hash = events_changed.event_hash
    union
    select coalesce(lead_aliases.lead_id, rows_changed.alias_id) as lead_id
    from rows_changed
    left join lead_aliases on rows_changed.alias_id = lead_aliases.alias_id
    where rows_changed.alias_id is not null
    union
    select stints.lead_id
    from rows_changed
    inner join stints on rows_changed.anonymous_id = stints.anonymous_id

)

select * from final
{%- else -%}
select cast(null as string) as lead_id
from {{ ref('int_events_changed') }}
where 1 = 0
{%- endif %}
-- depends_on: {{ ref('int_events_changed') }}, {{ ref('int_events_classified') }}, {{ ref('int_lead_aliases') }}, {{ ref('int_anonymous_stints') }}
