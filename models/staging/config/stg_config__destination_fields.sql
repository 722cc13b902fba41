-- Grain: destination, attribute. What stands in an attribute of a provider's contacts.
{% set columns = {
    'destination': 'text key',
    'attribute': 'text key',
    'field': 'word required',
    'score_model': 'text',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('destination_fields', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
