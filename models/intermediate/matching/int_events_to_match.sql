-- Grain: event that counts, matcher to be counted for it in this run, with the date. When everything is made anew all matchers on all events; on a day run the matchers that
-- the run before had on the dates touched (what counts once a lead, or once a value, on all dates of the leads touched), and the new ones on all events.
{{ config(materialized='view') }}

with signature_matches as (

    select * from {{ ref('int_signature_matches') }}

),

matchers as (

    select * from {{ ref('int_matchers') }}
    where scope = 'event'

),

{% if lead_scoring.is_day_run() -%}
matchers_applied as (

    select * from {{ lead_scoring.as_left('int_matchers_applied') }}

),

days_touched as (

    select * from {{ ref('int_days_touched') }}

),

leads_touched as (

    select distinct lead_id from days_touched

),

matchers_by_day as (

    select matchers.*
    from matchers
    inner join matchers_applied on matchers.match_id = matchers_applied.match_id
    where coalesce(matchers.count_once_per, 'day') = 'day'

),

matchers_by_lead as (

    select matchers.*
    from matchers
    inner join matchers_applied on matchers.match_id = matchers_applied.match_id
    where matchers.count_once_per <> 'day'

),

matchers_new as (

    select matchers.*
    from matchers
    where match_id not in (select match_id from matchers_applied)

),

-- The events are named in each step that reads them, and not in one of their own (docs/performance.md, "What is spilled").
events_by_day as (

    select events_counted.*
    from {{ ref('int_events_counted') }} as events_counted
    inner join days_touched
        on events_counted.lead_id = days_touched.lead_id
        and events_counted.occurred_on = days_touched.occurred_on

),

events_by_lead as (

    select events_counted.*
    from {{ ref('int_events_counted') }} as events_counted
    inner join leads_touched on events_counted.lead_id = leads_touched.lead_id

),

{% endif -%}
events_counted as (

    select * from {{ ref('int_events_counted') }}

),

{% set scopes = {'events_by_day': 'matchers_by_day', 'events_by_lead': 'matchers_by_lead', 'events_counted': 'matchers_new'} if lead_scoring.is_day_run() else {'events_counted': 'matchers'} -%}
final as (

    {%- for events, scope in scopes.items() %}
    select
        {{ events }}.lead_id,
        {{ events }}.event_hash,
        {{ events }}.event_key,
        {{ events }}.event_type,
        {{ events }}.occurred_on,
        {{ events }}.session_id,
        {{ events }}.page_path,
        {{ events }}.email_id,
        {{ events }}.duration_seconds,
        {{ scope }}.match_id,
        {{ scope }}.count_once_per
    from {{ events }}
    inner join signature_matches on {{ events }}.signature_id = signature_matches.signature_id
    inner join {{ scope }} on signature_matches.match_id = {{ scope }}.match_id
    where ({{ scope }}.active_from is null or {{ events }}.occurred_on >= {{ scope }}.active_from)
        and ({{ scope }}.active_to is null or {{ events }}.occurred_on <= {{ scope }}.active_to)
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from final
-- depends_on: {{ ref('int_days_touched') }}
