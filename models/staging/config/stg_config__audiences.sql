-- Grain: audience. A group of leads that its conditions name, whatever their segment.
{% set columns = {
    'audience': 'text key',
    'label': 'text required',
    'score_model': 'text',
    'min_days': 'int not_negative',
    'note': 'text',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('audiences', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
