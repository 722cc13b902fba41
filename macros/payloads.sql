{# In which order operations are sent: opt-outs first, so that nobody waits for them; contacts before the lists that they come into; events last. #}
{% macro priority_of(sort) -%}
    {{ {'opt_out': 0, 'removal': 1, 'contact': 2, 'addition': 3, 'event': 4}[sort] }}
{%- endmacro %}


{# An address without the +tag of its local part: what a mailbox with tags has in common. #}
{% macro base_address(email) -%}
    regexp_replace({{ email }}, '[+][^@]*@', '@')
{%- endmacro %}
