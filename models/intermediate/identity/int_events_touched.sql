-- Grain: hash of an event that a day run looks at again: one of its rows came or went, it may be somebody else's, its signature is another one, or it counts
-- together with events of a lead of which one is looked at. Too many are harmless, one too few is not. Empty when everything is made anew.
{% if lead_scoring.is_day_run() -%}
with event_rows as (

    select * from {{ ref('int_events_classified') }}

),

events_counted as (

    select * from {{ lead_scoring.as_left('int_events_counted') }}

),

anonymous_ids_touched as (

    select * from {{ ref('int_anonymous_ids_touched') }}

),

stints as (

    select * from {{ ref('int_anonymous_stints') }}

),

stints_left as (

    select stints_left.*
    from {{ lead_scoring.as_left('int_anonymous_identifications') }} as stints_left
    inner join anonymous_ids_touched on stints_left.anonymous_id = anonymous_ids_touched.anonymous_id

),

anonymous_ids_changed as (

    select anonymous_id from (select * from stints except select * from stints_left) as stints_new
    union
    select anonymous_id from (select * from stints_left except select * from stints) as stints_gone

),

events_changed as (

    select event_hash from {{ ref('int_event_hashes_read') }}
    union
    select event_hash
    from event_rows
    where alias_id in (select alias_id from {{ ref('int_aliases_changed') }})
    union
    select event_hash
    from event_rows
    where alias_id is null
        and anonymous_id in (select anonymous_id from anonymous_ids_changed)
    union
    select event_hash
    from events_counted
    where event_type in (select event_type from {{ ref('int_event_types_resigned') }})

),

-- Whose these events were, and all whose they may be: a browser's at any time.
leads_touched as (

    select events_counted.lead_id
    from events_counted
    inner join events_changed on events_counted.event_hash = events_changed.event_hash
    union
    select coalesce(lead_aliases.lead_id, event_rows.alias_id) as lead_id
    from event_rows
    inner join events_changed on event_rows.event_hash = events_changed.event_hash
    left join {{ ref('int_lead_aliases') }} as lead_aliases on event_rows.alias_id = lead_aliases.alias_id
    where event_rows.alias_id is not null
    union
    select all_stints.lead_id
    from event_rows
    inner join events_changed on event_rows.event_hash = events_changed.event_hash
    inner join (select anonymous_id, lead_id from stints union select anonymous_id, lead_id from {{ lead_scoring.as_left('int_anonymous_identifications') }}) as all_stints
        on event_rows.anonymous_id = all_stints.anonymous_id

),

final as (

    select event_hash from events_changed
    union
    select events_counted.event_hash
    from events_counted
    inner join leads_touched on events_counted.lead_id = leads_touched.lead_id
    where events_counted.is_linked
    union
    select duplicates.event_hash
    from {{ lead_scoring.as_left('int_cross_source_duplicates') }} as duplicates
    inner join leads_touched on duplicates.lead_id = leads_touched.lead_id

)

select * from final
{%- else -%}
select event_hash
from {{ ref('int_event_hashes_read') }}
where 1 = 0
{%- endif %}
-- depends_on: {{ ref('int_anonymous_stints') }}, {{ ref('int_aliases_changed') }}, {{ ref('int_events_classified') }}, {{ ref('int_lead_aliases') }}, {{ ref('int_event_types_resigned') }}, {{ ref('int_anonymous_ids_touched') }}
