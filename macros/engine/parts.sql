{# A table that is made part by part of its leads needs only so much memory at once. Its SQL says with in_part where leads are read; each part is a statement of its own.
   Any split gives the same rows, as what is computed of a lead hangs on no other lead. #}

{# A condition that keeps the leads of the part that is being made; in itself it holds for everybody, so that without parts, and for other engines, nothing is left out. #}
{% macro in_part(lead_id) -%}
    /* part of {{ lead_id }} */ true
{%- endmacro %}


{# The statements whose rows together are those of a query: the query itself where it names no part, or where lead_scoring_parts is 1. Ids are hexadecimal digests, so
   that equal ranges of their first three digits hold about as many leads each. #}
{% macro parts_of(query) -%}
    {%- set part_count = var('lead_scoring_parts') | int -%}
    {%- set condition = '/[*] part of ([a-z_.]+) [*]/ true' -%}
    {%- if part_count <= 1 or not modules.re.search(condition, query) -%}
        {{ return([query]) }}
    {%- endif -%}
    {%- set bounds = [] -%}
    {%- for part in range(1, part_count) -%}
        {%- do bounds.append('%03x' % (4096 * part // part_count)) -%}
    {%- endfor -%}
    {%- set queries = [] -%}
    {%- for part in range(part_count) -%}
        {%- set ends = [] -%}
        {%- if part > 0 -%} {%- do ends.append("\\1 >= '" ~ bounds[part - 1] ~ "'") -%} {%- endif -%}
        {%- if part < part_count - 1 -%} {%- do ends.append("\\1 < '" ~ bounds[part] ~ "'") -%} {%- endif -%}
        {%- do queries.append(modules.re.sub(condition, ends | join(' and '), query)) -%}
    {%- endfor -%}
    {{ return(queries) }}
{%- endmacro %}
