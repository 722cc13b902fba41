{# In which order operations are sent: opt-outs first, so that nobody waits for them; contacts before the lists that they come into; events last. #}
{% macro priority_of(sort) -%}
    {{ {'opt_out': 0, 'removal': 1, 'contact': 2, 'addition': 3, 'event': 4}[sort] }}
{%- endmacro %}


{# A moment in UTC as JSON schemas want it: 2026-03-10T09:30:00Z. #}
{% macro moment_text(occurred_at) -%}
    replace(substring(cast({{ occurred_at }} as string), 1, 19), ' ', 'T') || 'Z'
{%- endmacro %}


{# An address without the +tag of its local part: what a mailbox with tags has in common. #}
{% macro base_address(email) -%}
    regexp_replace({{ email }}, '[+][^@]*@', '@')
{%- endmacro %}
