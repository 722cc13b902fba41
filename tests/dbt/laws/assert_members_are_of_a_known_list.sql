-- The law: whoever comes into a list or leaves one does so in a list that there is, and that the brakes count.
select
    delta.destination,
    delta.list_id,
    delta.op_id
from {{ ref('act_delta') }} as delta
left join {{ ref('act_lists') }} as lists
    on delta.destination = lists.destination
    and delta.list_id = lists.list_id
where delta.kind = 'member'
    and lists.list_id is null
