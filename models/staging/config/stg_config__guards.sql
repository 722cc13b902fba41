-- Grain: guard and subject. Within which limits a run is published.
{% set columns = {
    'guard': 'word key',
    'subject': 'word key optional',
    'warn_below': 'decimal',
    'warn_above': 'decimal',
    'stop_below': 'decimal',
    'stop_above': 'decimal',
    'note': 'text',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('guards', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
