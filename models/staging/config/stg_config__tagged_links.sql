-- Grain: tags of a link. What was clicked when somebody arrives through a link with these tags; an empty tag is any.
{% set columns = {
    'utm_source': 'word key optional',
    'utm_medium': 'word key optional',
    'utm_campaign': 'word key optional',
    'event_type': 'word key',
    'note': 'text',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('tagged_links', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
