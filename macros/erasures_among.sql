{# The erasures among a step of contacts that says of each of them whether it `is_deleted`; it has `contact_id`, `email`, `requested_at`, `loaded_at` and the columns
   that say where a row came from. Whoever was deleted and stands in another contact of the same address (came back, or was there twice) has asked for nothing: then only
   the deleted contact is forgotten, not the address. #}
{% macro erasures_among(step) -%}
    select
        -- ids
        {{ step }}.contact_id,
        case when remaining_emails.email is null then {{ step }}.email end as email,
        -- times
        {{ step }}.requested_at,
        {{ step }}.loaded_at,

        -- provenance
        {%- for column in lead_scoring.provenance_columns() %}
        {{ step }}.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ step }}
    left join (
        select distinct {{ lead_scoring.normalised_email('email') }} as email
        from {{ step }}
        where not is_deleted and email is not null
    ) as remaining_emails on {{ lead_scoring.normalised_email(step ~ '.email') }} = remaining_emails.email
    where {{ step }}.is_deleted
{%- endmacro %}
