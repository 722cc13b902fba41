-- Grain: list of event types. Which sources report the same thing, and within how many seconds.
{% set columns = {
    'event_types': 'word key',
    'sources': 'word required',
    'window_seconds': 'int required not_negative',
    'note': 'text',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('cross_source_duplicates', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
