{# The one normal form of an e-mail: without white space and zero-width characters at both ends, composed (NFC), lower case. What has not
   exactly one @ is kept as it came, as an opaque key. #}
{% macro normalised_email(email) -%}
    {%- set form -%}
        lower({{ lead_scoring.composed(lead_scoring.trim_class(email, lead_scoring.white_space_class() ~ lead_scoring.zero_width_class())) }})
    {%- endset -%}
    case when {{ lead_scoring.has_one_at(form) }} then {{ form }} else {{ email }} end
{%- endmacro %}


{# Whether a text has exactly one @: an address, and no opaque key. #}
{% macro has_one_at(email) -%}
    length({{ email }}) - length(replace({{ email }}, '@', '')) = 1
{%- endmacro %}


{# The lead that an e-mail stands for, before changes of address and merges are followed. #}
{% macro lead_id_of_email(email) -%}
    md5('email:' || {{ email }})
{%- endmacro %}


{# The lead that a contact without an e-mail stands for. #}
{% macro lead_id_of_contact(source, contact_id) -%}
    md5('contact:' || {{ source }} || ':' || {{ contact_id }})
{%- endmacro %}


{# The id that a row's e-mail or contact id, in that order, stands for; null when it has neither. int_lead_aliases says which lead it leads to. #}
{% macro alias_id(relation) -%}
    case
        when {{ relation }}.email is not null then {{ lead_scoring.lead_id_of_email(relation ~ '.email') }}
        when {{ relation }}.contact_id is not null then {{ lead_scoring.lead_id_of_contact(relation ~ '.source', relation ~ '.contact_id') }}
    end
{%- endmacro %}


{# An order over all the columns named, so that no choice between rows is left to chance. #}
{% macro total_order(columns, direction, relation=none) -%}
    {%- for column in columns -%}
        {{ relation ~ '.' if relation }}{{ column }} {{ direction }} nulls {{ 'first' if direction == 'asc' else 'last' }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
