-- Grain: subscore. Between which points each part of a score stays.
{% set columns = {
    'score_model': 'text key',
    'subscore': 'word key',
    'min_points': 'decimal',
    'max_points': 'decimal',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('subscore_bounds', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
