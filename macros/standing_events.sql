{# The steps that end in `standing`: each event once, as its standing delivery says, without those that were taken back. With a condition on the columns of an event
   row only the events whose standing delivery meets it; told here, it is asked before the deliveries are compared. #}
{% macro standing_events(condition=none) -%}
    {%- set columns = ['event_hash', 'alias_id', 'is_engagement', 'is_machine', 'raw_table', 'event_key', 'source']
        + lead_scoring.canonical_columns('events').keys() | reject('in', ['event_id', 'is_out_of_scope', 'event_version']) | list -%}
event_rows as (

    select * from {{ ref('int_events_classified') }}
    where rejection_reason is null and not is_out_of_scope and not is_erased
        {{- ' and ' ~ condition if condition }}

),

deliveries_ranked as (

    select * from {{ ref('int_event_deliveries_ranked') }}

),

deliveries_standing as (

    -- A join and no `not exists`, which an engine may carry out by first collecting all keys.
    select event_rows.{{ columns | join(', event_rows.') }}
    from event_rows
    left join deliveries_ranked
        on event_rows.event_hash = deliveries_ranked.event_hash
        and event_rows.event_key = deliveries_ranked.event_key
    where deliveries_ranked.event_key is null
    union all
    select {{ columns | join(', ') }}
    from deliveries_ranked
    where delivery_rank = 1
        {{- ' and ' ~ condition if condition }}

),

standing as (

    select
        {{ columns | reject('equalto', 'is_deleted') | join(',\n        ') }},
        {{ lead_scoring.local_date('occurred_at') }} as occurred_on
    from deliveries_standing
    where not coalesce(is_deleted, false)

)
{%- endmacro %}
