-- Grain: destination. An account at a provider that leads are sent to.
{% set columns = {
    'destination': 'text key',
    'provider': 'word required',
    'contacts': 'word required',
    'max_share': 'decimal required not_negative',
    'max_changes': 'int required not_negative',
    'is_on': 'boolean required',
    'note': 'text',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('destinations', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
