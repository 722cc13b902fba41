-- Grain: operator. How a condition may compare.
{% set columns = {
    'operator': 'word key',
    'data_types': 'word required',
    'needs_operand': 'boolean required',
    'is_negated': 'boolean required',
    'base_operator': 'word required',
    'description': 'text required',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('operators', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
