{# What stands between a run and its publication. docs/publishing.md says why.

   A run that ended with every mart leaves a mark, without which nothing is published. What a run adds to the log of what was published stands under reserve where
   somebody has yet to publish it (the command line; it says so by LEAD_SCORING_AWAITS_PUBLICATION), and is taken out again by the next run where nobody did. #}


{# At the start of a run: takes the mark away, and out of the log what was never published. #}
{% macro open_publication() -%}
    {%- if execute and flags.WHICH in ('build', 'run') and not var('lead_scoring_restated_days') -%}
        {{ adapter.dispatch('open_publication', 'lead_scoring')() }}
    {%- endif -%}
{%- endmacro %}

{% macro default__open_publication() -%}
    select 1
{%- endmacro %}


{# At the end of a run: sets the mark, if every mart was made and nothing failed. #}
{% macro complete_run(results) -%}
    {%- if execute and flags.WHICH in ('build', 'run') and not var('lead_scoring_restated_days') -%}
        {%- set made = results | selectattr('status', 'equalto', 'success') | map(attribute='node.unique_id') | list -%}
        {%- set marts = [] -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.package_name == 'lead_scoring' and node.fqn[1] in ('marts', 'activation') -%}{%- do marts.append(node) -%}{%- endfor -%}
        {%- if marts | rejectattr('unique_id', 'in', made) | list | length == 0 and results | selectattr('status', 'in', ('error', 'fail', 'runtime error', 'skipped')) | list | length == 0 -%}
            {{ adapter.dispatch('complete_run', 'lead_scoring')(marts) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro default__complete_run(marts) -%}
    select 1
{%- endmacro %}
