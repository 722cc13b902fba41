-- Grain: event row as delivered. Every row of every source in one shape, with whom it names and the reason why it cannot be used, if there is one.
-- A view, since it still holds the rows of erased people.
{{ config(materialized='view') }}

with rows_delivered as (

    {{ lead_scoring.union_sources('events') }}

),

event_types as (

    select * from {{ ref('stg_config__event_types') }}

),

emails_normalised as (

    select
        source,
        {%- for column in lead_scoring.canonical_columns('events').keys() | list + lead_scoring.provenance_columns().keys() | list %}
        {{ lead_scoring.normalised_email('email') ~ ' as email' if column == 'email' else column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from rows_delivered

),

classified as (

    select
        emails_normalised.source,
        emails_normalised.source || ':' || emails_normalised.event_id as event_key,
        {%- for column in lead_scoring.canonical_columns('events') %}
        emails_normalised.{{ column }},
        {%- endfor %}
        emails_normalised.unreadable_columns,
        emails_normalised.raw_table,
        emails_normalised.raw_file,
        emails_normalised.raw_row,
        emails_normalised.raw_text,
        {{ lead_scoring.alias_id('emails_normalised') }} as alias_id,
        coalesce(event_types.is_engagement, false) as is_engagement,
        coalesce(event_types.is_machine, false) as is_machine,
        case
            when emails_normalised.is_out_of_scope then null
            when emails_normalised.unreadable_columns is not null then 'unreadable_' || emails_normalised.unreadable_columns
            when emails_normalised.event_id is null then 'missing_event_id'
            when emails_normalised.event_type is null then 'missing_event_type'
            when event_types.event_type is null then 'unknown_event_type'
            when emails_normalised.occurred_at is null then 'missing_occurred_at'
            when emails_normalised.loaded_at is null then 'missing_loaded_at'
            when extract(year from emails_normalised.occurred_at) not between 1970 and 9999 then 'impossible_time'
            when extract(year from emails_normalised.loaded_at) not between 1970 and 9999 then 'impossible_time'
            when emails_normalised.occurred_at > emails_normalised.loaded_at + interval '1' day then 'future_event'
            when coalesce(emails_normalised.email, emails_normalised.contact_id, emails_normalised.anonymous_id) is null then 'no_identity'
            when emails_normalised.duration_seconds < 0 then 'negative_duration'
            -- Not a number compares as larger than any number.
            when abs(emails_normalised.amount) >= 1e12 then 'impossible_number'
            when emails_normalised.duration_seconds >= 1e9 then 'impossible_number'
        end as rejection_reason
    from emails_normalised
    left join event_types on emails_normalised.event_type = event_types.event_type

)

select * from classified
