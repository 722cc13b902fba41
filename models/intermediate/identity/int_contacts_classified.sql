-- Grain: contact version as delivered. Every contact row of every source in one shape, with the reason why it cannot be used, if there is one.
{{ config(materialized='view') }}

with rows_delivered as (

    {{ lead_scoring.union_sources('contacts') }}

),

classified as (

    select
        source,
        {%- for column in lead_scoring.canonical_columns('contacts') %}
        {%- if column == 'email' %}
        {{ lead_scoring.normalised_email('email') }} as email,
        {%- elif column == 'annual_revenue' %}
        -- Not a number compares as larger than any number, and would pass every lower bound.
        case when {{ lead_scoring.is_finite('annual_revenue') }} then annual_revenue end as annual_revenue,
        {%- else %}
        {{ column }},
        {%- endif %}
        {%- endfor %}
        {{ lead_scoring.local_date('created_at') }} as created_on,
        {{ lead_scoring.local_date('updated_at') }} as updated_on,
        {{ lead_scoring.and_infinite('unreadable_columns', 'annual_revenue') }} as unreadable_columns,
        raw_table,
        raw_file,
        raw_row,
        raw_text,
        case
            when contact_id is null then 'missing_contact_id'
            when created_at is null then 'missing_created_at'
            when updated_at is null then 'missing_updated_at'
            when loaded_at is null then 'missing_loaded_at'
            when extract(year from created_at) not between 1 and 9999 then 'impossible_time'
            when extract(year from updated_at) not between 1 and 9999 then 'impossible_time'
            when extract(year from loaded_at) not between 1 and 9999 then 'impossible_time'
        end as rejection_reason
    from rows_delivered

)

select * from classified
