-- Grain: condition. What a rule asks besides the condition in its own row.
{% set columns = {
    'score_model': 'text key',
    'rule_id': 'text key',
    'field': 'field key',
    'operator': 'word key',
    'operand': 'text key optional',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('point_grid_conditions', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
