-- The law: nobody who is suppressed is added to anything, changed in anything, or told of as an event.
select
    delta.destination,
    delta.kind,
    delta.list_id,
    delta.op_id,
    suppressions.suppression
from {{ ref('act_delta') }} as delta
inner join {{ ref('act_suppressions') }} as suppressions on delta.key = suppressions.key
where delta.op <> 'remove'
