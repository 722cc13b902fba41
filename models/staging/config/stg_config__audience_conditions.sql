-- Grain: audience, condition. What has to hold of a lead for it to be in the audience; all of its conditions.
{% set columns = {
    'audience': 'text key',
    'field': 'field key',
    'operator': 'word key',
    'operand': 'text key optional',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('audience_conditions', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
