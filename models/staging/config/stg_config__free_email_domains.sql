-- Grain: domain. Where anybody gets a mailbox.
{% set columns = {
    'domain': 'word key',
} %}

with source as (

    {{ lead_scoring.trimmed_cells('free_email_domains', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns) }}

)

select * from renamed
