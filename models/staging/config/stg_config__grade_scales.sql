-- Grain: letter of an axis. From which value on a grade's letter is given.
{% set columns = {
    'score_model': 'text key',
    'axis': 'word key',
    'grade': 'text key',
    'lower_bound': 'decimal required',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('grade_scales', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
