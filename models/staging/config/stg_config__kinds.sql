-- Grain: kind of rule. What each kind must, may and must not say.
{% set columns = {
    'kind': 'word key',
    'scope': 'word required',
    'condition': 'word required',
    'event_type': 'word required',
    'points': 'word required',
    'decay': 'word required',
    'count_once_per': 'word required',
    'max_per_day': 'word required',
    'max_points': 'word required',
    'rule_group': 'word required',
    'window_days': 'word required',
    'min_count': 'word required',
    'max_count': 'word required',
    'target_segment': 'word required',
    'active_from': 'word required',
    'active_to': 'word required',
    'description': 'text required',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('kinds', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
