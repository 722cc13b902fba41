-- Grain: destination, channel. Which next actions a provider is told of as events.
{% set columns = {
    'destination': 'text key',
    'channel': 'text key',
    'note': 'text',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('destination_actions', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
