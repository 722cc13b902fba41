-- Grain: anonymous id, stint during which it belonged to one lead (half-open; open ends are null). Who sat at the browser, as far as somebody said so: of all
-- browsers when everything is made anew, else of those of which something else may be known.
with evidence as (

    select * from {{ ref('int_anonymous_evidence') }}

),

-- At one moment one lead: ties go to the smaller id.
identifications as (

    select
        anonymous_id,
        identified_at,
        min(lead_id) as lead_id
    from evidence
    group by anonymous_id, identified_at

),

changes_marked as (

    select
        anonymous_id,
        lead_id,
        identified_at,
        lag(lead_id) over (partition by anonymous_id order by identified_at) as previous_lead_id
    from identifications

),

-- Evidence that repeats what is known already opens no stint: a shared computer has few stints, however often people log in.
stints as (

    select
        anonymous_id,
        lead_id,
        previous_lead_id,
        identified_at,
        lead(identified_at) over (partition by anonymous_id order by identified_at) as next_identified_at
    from changes_marked
    where previous_lead_id is null or previous_lead_id <> lead_id

),

final as (

    select
        anonymous_id,
        lead_id,
        -- What happened before the first identification belongs to the first one.
        case when previous_lead_id is not null then identified_at end as identified_from,
        next_identified_at as identified_until
    from stints

)

select * from final
-- depends_on: {{ ref('int_anonymous_ids_touched') }}
