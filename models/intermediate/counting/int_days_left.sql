-- Grain: lead, date on which it had an event that is looked at again, as the run before left it. Empty when everything is made anew.
{% if lead_scoring.is_day_run() -%}
with events_counted as (

    select * from {{ lead_scoring.as_left('int_events_counted') }}

),

events_touched as (

    select * from {{ ref('int_events_touched') }}

),

final as (

    select distinct
        events_counted.lead_id,
        events_counted.occurred_on
    from events_counted
    inner join events_touched on events_counted.event_hash = events_touched.event_hash

)

select * from final
{%- else -%}
select
    cast(null as string) as lead_id,
    cast(null as date) as occurred_on
from {{ ref('int_events_touched') }}
where 1 = 0
{%- endif %}
