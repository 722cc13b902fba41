-- Grain: hash of an event that may be another one than in the run before: one of its rows came or went, it may be somebody else's, or its signature is another one.
-- Empty when everything is made anew.
{% if lead_scoring.is_day_run() -%}
with events_counted as (

    select * from {{ lead_scoring.as_left('int_events_counted') }}

),

stints as (

    select * from {{ ref('int_anonymous_stints') }}

),

stints_left as (

    select * from {{ lead_scoring.as_left('int_anonymous_identifications') }}

),

stints_left_touched as (

    select * from stints_left
    where anonymous_id in (select anonymous_id from {{ ref('int_anonymous_ids_touched') }})

),

-- A browser may be another's, or that of somebody who has to be forgotten since (or no longer has).
anonymous_ids_changed as (

    select anonymous_id from (select * from stints except select * from stints_left_touched) as stints_new
    union
    select anonymous_id from (select * from stints_left_touched except select * from stints) as stints_gone
    union
    select anonymous_id from stints_left
    where lead_id in (select alias_id from {{ ref('int_aliases_changed') }} where is_erased <> was_erased)

),

-- The rows are named twice, and not in a step of their own (docs/performance.md, "What is spilled").
final as (

    select event_hash from {{ ref('int_event_hashes_read') }}
    union
    select event_hash
    from {{ ref('int_events_classified') }}
    where alias_id in (select alias_id from {{ ref('int_aliases_changed') }})
    union
    select event_hash
    from {{ ref('int_events_classified') }}
    where alias_id is null
        and anonymous_id in (select anonymous_id from anonymous_ids_changed)
    union
    select event_hash
    from events_counted
    where event_type in (select event_type from {{ ref('int_event_types_resigned') }})

)

select * from final
{%- else -%}
select event_hash
from {{ ref('int_event_hashes_read') }}
where 1 = 0
{%- endif %}
-- depends_on: {{ ref('int_anonymous_stints') }}, {{ ref('int_aliases_changed') }}, {{ ref('int_events_classified') }}, {{ ref('int_event_types_resigned') }}, {{ ref('int_anonymous_ids_touched') }}
