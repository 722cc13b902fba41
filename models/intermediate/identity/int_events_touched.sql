-- Grain: hash of an event that a day run looks at again: it may be another one than in the run before, or it counts together with events of a lead of which one may
-- be. Too many are harmless, one too few is not. Empty when everything is made anew.
{% if lead_scoring.is_day_run() -%}
with leads_touched as (

    select * from {{ ref('int_leads_touched') }}

),

final as (

    select event_hash from {{ ref('int_events_changed') }}
    union
    select events_counted.event_hash
    from {{ lead_scoring.as_left('int_events_counted') }} as events_counted
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
from {{ ref('int_events_changed') }}
where 1 = 0
{%- endif %}
-- depends_on: {{ ref('int_events_changed') }}, {{ ref('int_leads_touched') }}
