-- Grain: decay. How points may fade, and what each way needs.
{% set columns = {
    'decay': 'word key',
    'needs_decay_days': 'boolean required',
    'needs_decay_percent': 'boolean required',
    'description': 'text required',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('decays', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
