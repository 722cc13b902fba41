-- Grain: delivery of an event that contradicts the one that stands. One id, two stories: the source should be asked.
{{ config(alias='event_conflicts') }}

with deliveries_ranked as (

    select * from {{ ref('int_event_deliveries_ranked') }}

),

final as (

    select
        losing.source,
        losing.raw_table,
        losing.raw_file,
        losing.raw_row,
        losing.event_key,
        losing.raw_file || ':' || cast(standing.raw_row as string) as standing_row,
        'conflicting_delivery' as reason,
        losing.loaded_at
    from deliveries_ranked as losing
    inner join deliveries_ranked as standing
        on losing.event_key = standing.event_key
        and standing.delivery_rank = 1
    where losing.delivery_rank > 1
        and losing.content_hash <> standing.content_hash
        -- A correction is no contradiction.
        and coalesce(losing.event_version, 0) = coalesce(standing.event_version, 0)

)

select * from final
