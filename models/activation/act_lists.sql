-- Grain: destination, list. How many are in it, should be, come and go: what the brakes of a push look at.
with lists as (

    select
        destination_lists.*,
        destinations.provider,
        destinations.max_share,
        destinations.max_changes,
        case
            when destination_lists.source = 'audience' then {{ lead_scoring.audience_standing('destination_lists.name') }}
            else coalesce(destination_lists.score_model, default_score_models.score_model)
        end as standing_model
    from {{ ref('stg_config__destination_lists') }} as destination_lists
    inner join {{ ref('stg_config__destinations') }} as destinations on destination_lists.destination = destinations.destination
    left join {{ ref('stg_config__score_models') }} as default_score_models on default_score_models.is_default
    where destinations.is_on

),

source_sizes as (

    select
        score_model as standing_model,
        held_segment,
        count(*) as source_members
    from {{ ref('int_standings') }}
    group by score_model, held_segment

),

desired as (

    select
        destination,
        list_id,
        count(*) as desired_members
    from {{ ref('act_desired') }}
    where kind = 'member'
    group by destination, list_id

),

acknowledged as (

    select
        destination,
        list_id,
        count(*) as acknowledged_members
    from {{ ref('act_acknowledged') }}
    where kind = 'member' and is_present
    group by destination, list_id

),

changes as (

    select
        destination,
        list_id,
        count(case when priority = {{ lead_scoring.priority_of('addition') }} then 1 end) as additions,
        count(case when priority = {{ lead_scoring.priority_of('removal') }} then 1 end) as removals,
        count(case when priority = {{ lead_scoring.priority_of('opt_out') }} then 1 end) as opt_outs
    from {{ ref('act_delta') }}
    where kind = 'member'
    group by destination, list_id

),

final as (

    select
        lists.destination,
        lists.provider,
        lists.list_id,
        lists.source,
        lists.name,
        lists.mode,
        coalesce(source_sizes.source_members, 0) as source_members,
        coalesce(desired.desired_members, 0) as desired_members,
        coalesce(acknowledged.acknowledged_members, 0) as acknowledged_members,
        coalesce(changes.additions, 0) as additions,
        coalesce(changes.removals, 0) as removals,
        coalesce(changes.opt_outs, 0) as opt_outs,
        lists.max_share,
        lists.max_changes
    from lists
    left join source_sizes
        on lists.standing_model = source_sizes.standing_model
        and lists.name = source_sizes.held_segment
    left join desired
        on lists.destination = desired.destination
        and lists.list_id = desired.list_id
    left join acknowledged
        on lists.destination = acknowledged.destination
        and lists.list_id = acknowledged.list_id
    left join changes
        on lists.destination = changes.destination
        and lists.list_id = changes.list_id

)

select * from final
