-- Grain: destination, list, lead that belongs in it and may be written to.
with destinations as (

    select * from {{ ref('stg_config__destinations') }}
    where is_on

),

lists as (

    select
        destination_lists.destination,
        destinations.provider,
        destination_lists.list_id,
        destination_lists.mode,
        destination_lists.name,
        case
            when destination_lists.source = 'audience' then {{ lead_scoring.audience_standing('destination_lists.name') }}
            else coalesce(destination_lists.score_model, default_score_models.score_model)
        end as score_model
    from {{ ref('stg_config__destination_lists') }} as destination_lists
    inner join destinations on destination_lists.destination = destinations.destination
    left join {{ ref('stg_config__score_models') }} as default_score_models on default_score_models.is_default

),

standings as (

    select * from {{ ref('int_standings') }}

),

recipients as (

    select * from {{ ref('int_recipients') }}

),

final as (

    select
        lists.destination,
        lists.provider,
        lists.list_id,
        lists.mode,
        recipients.lead_id,
        recipients.key
    from lists
    inner join standings
        on lists.score_model = standings.score_model
        and lists.name = standings.held_segment
    inner join recipients on standings.lead_id = recipients.lead_id

)

select * from final
