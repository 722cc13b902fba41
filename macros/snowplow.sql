{# The text at a key of a Snowplow entity or self-describing event. Warehouses differ in the column (`_1`, `_1_0_0`), in the spelling of the key (`formId`, `form_id`)
   and in the number of brackets around the object; the first column and key that hold something count. #}
{% macro snowplow_text(columns, keys) -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- set object = lead_scoring.trim_class(column, lead_scoring.white_space_class() ~ '\\[\\]') -%}
        {%- for key in keys -%}{%- do texts.append(lead_scoring.json_text(object, "'" ~ key ~ "'")) -%}{%- endfor -%}
    {%- endfor -%}
    coalesce({{ texts | join(', ') }})
{%- endmacro %}
