-- Grain: lead with a contact, scored date. What its contacts say of a lead: each field from the most recently updated contact that has it.
{% set fields = lead_scoring.canonical_columns('contacts').keys() | reject('in', ['email', 'anonymous_id', 'loaded_at', 'is_email_opted_out']) | list %}

with contacts as (

    select * from {{ ref('int_contact_versions_selected') }}

),

final as (

    select
        lead_id,
        scored_on,
        {%- for field in fields %}
        min_by({{ field }}, contact_rank) filter (where {{ field }} is not null) as {{ field }},
        {%- endfor %}
        -- An objection anywhere is an objection.
        bool_or(is_email_opted_out) as is_email_opted_out
    from contacts
    group by lead_id, scored_on

)

select * from final
