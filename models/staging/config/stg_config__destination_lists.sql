-- Grain: destination, list. Who belongs in a list of a provider.
{% set columns = {
    'destination': 'text key',
    'list_id': 'text key',
    'source': 'word required',
    'name': 'text required',
    'score_model': 'text',
    'mode': 'word required',
    'note': 'text',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('destination_lists', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
