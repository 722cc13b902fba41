{# Deletes what erased leads left behind in a table that outlives a build, under every id that they ever bore. #}
{% macro forget_erased(relation) -%}
    delete from {{ relation }}
    where lead_id in (
        select lead_id from {{ ref('int_erased_leads') }}
        union all
        select lead_aliases.alias_id
        from {{ ref('int_lead_aliases') }} as lead_aliases
        inner join {{ ref('int_erased_leads') }} as erased_leads on lead_aliases.lead_id = erased_leads.lead_id
    )
{%- endmacro %}


{# The same for what the command `restate` has left; nothing to do where it was never called. #}
{% macro forget_erased_restated() -%}
    {%- set restated = adapter.get_relation(database=this.database, schema='restated', identifier='lead_scores') -%}
    {%- if restated -%}
        {{ lead_scoring.forget_erased(restated) }}
    {%- endif -%}
{%- endmacro %}
