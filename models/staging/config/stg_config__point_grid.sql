-- Grain: rule. What each rule looks for and what it gives.
{% set columns = {
    'score_model': 'text key',
    'rule_id': 'text key',
    'subscore': 'word required',
    'rule_group': 'text',
    'stage': 'word',
    'label': 'text required',
    'kind': 'word required',
    'event_type': 'word',
    'field': 'field',
    'operator': 'word',
    'operand': 'text',
    'points': 'decimal',
    'decay': 'word',
    'decay_days': 'decimal positive',
    'decay_percent': 'decimal positive',
    'decay_from': 'word',
    'count_once_per': 'field',
    'max_per_day': 'int positive',
    'max_points': 'decimal positive',
    'window_days': 'int positive',
    'min_count': 'int not_negative',
    'max_count': 'int not_negative',
    'target_segment': 'text',
    'active_from': 'date',
    'active_to': 'date',
    'note': 'text',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('point_grid', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
