-- Grain: source, contact id that was ever merged. Where its chain of merges ends; of a cycle the smallest id.
-- Pointer doubling: after k steps every pointer has jumped 2^k merges and carries the smallest id it passed. That works on every engine, and
-- a chain of {{ 2 ** var('lead_scoring_merge_doublings') }} merges costs {{ var('lead_scoring_merge_doublings') }} joins.
with rows_delivered as (

    {{ lead_scoring.union_sources('identity_links') }}

),

links_ranked as (

    select
        source,
        contact_id,
        merged_into_contact_id,
        row_number() over (
            partition by source, contact_id
            order by occurred_at desc, loaded_at desc, merged_into_contact_id
        ) as link_rank
    from rows_delivered
    where contact_id is not null
        and merged_into_contact_id is not null
        and occurred_at is not null
        and loaded_at is not null

),

links as (

    select
        source,
        contact_id,
        merged_into_contact_id as target_id
    from links_ranked
    where link_rank = 1

),

-- The end of a chain points to itself, so that jumping further changes nothing.
jump_0 as (

    select
        source,
        contact_id,
        target_id,
        least(contact_id, target_id) as smallest_id
    from links
    union all
    select distinct
        links.source,
        links.target_id as contact_id,
        links.target_id,
        links.target_id as smallest_id
    from links
    where not exists (
        select 1 from links as onward
        where onward.source = links.source and onward.contact_id = links.target_id
    )

),

{% for step in range(1, var('lead_scoring_merge_doublings') + 1) %}
jump_{{ step }} as (

    select
        near.source,
        near.contact_id,
        far.target_id,
        least(near.smallest_id, far.smallest_id) as smallest_id
    from jump_{{ step - 1 }} as near
    inner join jump_{{ step - 1 }} as far on near.source = far.source and near.target_id = far.contact_id

),
{% endfor %}
-- Every pointer now stands on the end of its chain or inside its cycle; the smallest id passed from there is the root.
final as (

    select
        landed.source,
        landed.contact_id,
        around.smallest_id as root_contact_id
    from jump_{{ var('lead_scoring_merge_doublings') }} as landed
    inner join jump_{{ var('lead_scoring_merge_doublings') }} as around
        on landed.source = around.source and landed.target_id = around.contact_id

)

select * from final
