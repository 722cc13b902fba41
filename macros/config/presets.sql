{# The presets: score models that the package ships beside the user's own, in seeds `preset_<seed>` of the same columns, off until the var
   `lead_scoring_presets` names them. trimmed_cells() unites them with the user's rows; nothing else knows where a row came from. #}

{# The seeds that presets have rows for. #}
{% macro preset_seeds() -%}
    {{ return(['point_grid', 'point_grid_conditions', 'rule_groups', 'subscore_bounds', 'score_models', 'grade_scales', 'segments']) }}
{%- endmacro %}


{# The names in the var as a list; the word `all` stays a word. #}
{% macro presets_named() -%}
    {%- set named = var('lead_scoring_presets', []) or [] -%}
    {%- set names = [named] if named is string else named -%}
    {%- if names is mapping or names is number or names is not iterable or names | reject('string') | list -%}
        {{ exceptions.raise_compiler_error(
            'The var lead_scoring_presets is ' ~ named ~ '. It takes a list of names, as [pardot, hubspot], or the word all.'
        ) }}
    {%- endif -%}
    {{ return('all' if 'all' in names else names | map('trim') | reject('equalto', '') | unique | list) }}
{%- endmacro %}


{# A condition that holds for the rows of the presets that are on; `score_model` is a column of a seed as it is written. #}
{% macro is_preset_on(score_model) -%}
    {%- set names = lead_scoring.presets_named() -%}
    {%- if names == 'all' -%}
        true
    {%- elif names -%}
        {{ lead_scoring.trimmed('cast(' ~ score_model ~ ' as string)') }} in (
        {%- for name in names -%}
            {{ dbt.string_literal(dbt.escape_single_quotes(name)) }}{{ ', ' if not loop.last }}
        {%- endfor -%}
        )
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}
