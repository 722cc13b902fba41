-- Grain: subscore. Between which points each part of a score stays, and how much of it counts.
-- What an empty cell stands for is said here and nowhere else.
{% set columns = {
    'score_model': 'text key',
    'subscore': 'word key',
    'min_points': 'decimal',
    'max_points': 'decimal',
    'weight': 'decimal not_negative',
} %}
{% set defaults = {'weight': '1'} %}

with source as (

    {{ lead_scoring.trimmed_cells('subscore_bounds', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns, defaults) }}

)

select * from renamed
