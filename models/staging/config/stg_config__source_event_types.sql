-- Grain: native code of a source. Which event type a vendor's code means; none is known and out of scope.
{% set columns = {
    'source': 'word key',
    'native_code': 'text key',
    'event_type': 'word',
    'note': 'text',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('source_event_types', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
