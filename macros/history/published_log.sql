{# The log of what was published, as the run before left it, for models that the log itself is made of: a ref() would be a circle. A select without rows where there is no
   log yet. Entries before the as_of_date only, so that a second run of a date gives the same as the first. #}
{% macro published_log() -%}
    {%- set log = none -%}
    {%- if execute -%}
        {%- set node = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | selectattr('name', 'equalto', 'int_scores_published') | first -%}
        {%- set log = adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) if node -%}
    {%- endif -%}
    {%- if log -%}
    select lead_id, score_model, published_on, publication, segment, segment_reason, held_segment, held_reason, entered_on, is_gone
    from {{ log }}
    where published_on < {{ lead_scoring.as_of_date() }}
    {%- else -%}
    select
        cast(null as string) as lead_id,
        cast(null as string) as score_model,
        cast(null as date) as published_on,
        cast(null as int) as publication,
        cast(null as string) as segment,
        cast(null as string) as segment_reason,
        cast(null as string) as held_segment,
        cast(null as string) as held_reason,
        cast(null as date) as entered_on,
        cast(null as boolean) as is_gone
    where false
    {%- endif -%}
{%- endmacro %}
