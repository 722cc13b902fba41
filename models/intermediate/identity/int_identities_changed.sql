-- Grain: statement about who is who that the run before did not know, or that no longer holds. Empty when everything is made anew.
with identities as (

    select * from {{ ref('int_identities') }}

),

{% if lead_scoring.is_day_run() -%}
identities_applied as (

    select * from {{ lead_scoring.as_left('int_identities_applied') }}

),

{% endif -%}
final as (

    {% if lead_scoring.is_day_run() -%}
    (select kind, identity_id, lead_id, identified_at from identities except select kind, identity_id, lead_id, identified_at from identities_applied)
    union all
    (select kind, identity_id, lead_id, identified_at from identities_applied except select kind, identity_id, lead_id, identified_at from identities)
    {%- else -%}
    select kind, identity_id, lead_id, identified_at
    from identities
    where 1 = 0
    {%- endif %}

)

select * from final
