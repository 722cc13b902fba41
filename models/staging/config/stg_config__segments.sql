-- Grain: segment. From which score on a lead belongs to a segment.
{% set columns = {
    'score_model': 'text key',
    'segment': 'text key',
    'label': 'text required',
    'rank': 'int required',
    'lower_bound': 'decimal',
    'temperature': 'word required',
    'enter_margin': 'decimal not_negative',
    'min_days': 'int not_negative',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('segments', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns, {'enter_margin': 0, 'min_days': 0}) }}

)

select * from renamed
