-- Grain: anonymous id of which something else may be known than in the run before. Empty when everything is made anew.
with event_rows as (

    select * from {{ ref('int_events_classified') }}
    where alias_id is not null and anonymous_id is not null

),

rows_withdrawn as (

    select * from {{ ref('int_event_rows_withdrawn') }}
    where alias_id is not null and anonymous_id is not null

),

event_hashes_read as (

    select * from {{ ref('int_event_hashes_read') }}

),

aliases_changed as (

    select * from {{ ref('int_aliases_changed') }}

),

identities_changed as (

    select * from {{ ref('int_identities_changed') }}
    where kind = 'browser'

),

final as (

    select anonymous_id
    from rows_withdrawn
    union
    select event_rows.anonymous_id
    from event_rows
    inner join event_hashes_read on event_rows.event_hash = event_hashes_read.event_hash
    union
    select event_rows.anonymous_id
    from event_rows
    inner join aliases_changed on event_rows.alias_id = aliases_changed.alias_id
    union
    select identity_id as anonymous_id
    from identities_changed

)

select * from final
