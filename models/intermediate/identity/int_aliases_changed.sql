-- Grain: alias that leads to another lead than in the run before, or to somebody who has asked to be forgotten since (or no longer does).
with identities as (

    select * from {{ ref('int_identities') }}

),

identities_changed as (

    select * from {{ ref('int_identities_changed') }}

),

{% if lead_scoring.is_day_run() -%}
identities_applied as (

    select * from {{ lead_scoring.as_left('int_identities_applied') }}

),

{% endif -%}
-- An id that is no alias stands for itself.
alias_ids as (

    select identity_id as alias_id
    from identities_changed
    where kind in ('alias', 'erased')
    union
    select identities.identity_id as alias_id
    from identities
    inner join identities_changed
        on identities.lead_id = identities_changed.lead_id
        and identities_changed.kind = 'erased'
    where identities.kind = 'alias'

),

final as (

    select
        alias_ids.alias_id,
        erased_now.lead_id is not null as is_erased,
        {% if lead_scoring.is_day_run() %}erased_before.lead_id is not null{% else %}false{% endif %} as was_erased
    from alias_ids
    left join (select * from identities where kind = 'alias') as aliases_now on alias_ids.alias_id = aliases_now.identity_id
    left join (select * from identities where kind = 'erased') as erased_now
        on coalesce(aliases_now.lead_id, alias_ids.alias_id) = erased_now.identity_id
    {%- if lead_scoring.is_day_run() %}
    left join (select * from identities_applied where kind = 'alias') as aliases_before on alias_ids.alias_id = aliases_before.identity_id
    left join (select * from identities_applied where kind = 'erased') as erased_before
        on coalesce(aliases_before.lead_id, alias_ids.alias_id) = erased_before.identity_id
    {%- endif %}

)

select * from final
