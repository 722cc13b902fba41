-- Grain: event type. What can happen, and whether it is engagement.
{% set columns = {
    'event_type': 'word key',
    'category': 'text required',
    'is_engagement': 'boolean required',
    'is_machine': 'boolean required',
    'description': 'text required',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('event_types', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
