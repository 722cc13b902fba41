-- Grain: score model. How points become a score, and the purchase cycle.
-- What an empty cell stands for is said here and nowhere else.
{% set columns = {
    'score_model': 'text key',
    'label': 'text required',
    'is_default': 'boolean required',
    'normalisation': 'word required',
    'raw_max': 'decimal positive',
    'score_min': 'decimal required',
    'score_max': 'decimal required',
    'cycle_points': 'decimal',
    'cycle_min_orders': 'int positive',
    'cycle_grace': 'decimal not_negative',
    'cycle_max_cv': 'decimal not_negative',
    'season_points': 'decimal',
    'trend_threshold': 'decimal required positive',
    'points_scaling': 'word',
    'scaled_points_min': 'decimal',
    'scaled_points_max': 'decimal',
} %}
{% set defaults = {'cycle_min_orders': '3', 'cycle_grace': '1'} %}

with source as (

    {{ lead_scoring.trimmed_cells('score_models', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns, defaults) }}

)

select * from renamed
