-- Grain: action. What to do with a lead of a segment.
{% set columns = {
    'score_model': 'text key',
    'segment': 'text key',
    'trend': 'word key optional',
    'channel': 'text required',
    'action': 'text key',
    'template': 'text required',
    'delay_hours': 'int required not_negative',
    'sla_hours': 'int required not_negative',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('next_actions', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
