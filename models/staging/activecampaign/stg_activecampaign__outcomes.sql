-- Grain: deal that was won or lost. Open deals say nothing yet.
{{ config(enabled='activecampaign' in var('lead_scoring_sources')) }}

with source as (

    select
        *,
        coalesce(_airbyte_extracted_at, _airbyte_emitted_at, _sdc_batched_at, mdate) as loaded_at
    from {{ source('activecampaign', 'deals') }}

),

deals as (

    {{ lead_scoring.latest_rows('source', 'id', [
        'loaded_at', 'contact', 'status', 'value', 'mdate', '_raw_unreadable', '_raw_file', '_raw_row', '_raw_text',
    ], 'loaded_at') }}

),

final as (

    select
        -- ids
        id as outcome_id,
        cast(null as string) as email,
        contact as contact_id,
        -- strings
        -- 0 is open, 1 won, 2 lost.
        case when {{ lead_scoring.trimmed('status') }} = '1' then 'won' else 'lost' end as outcome,
        cast(null as string) as reason,
        -- numbers
        -- The API gives hundredths: 45600 is 456.00.
        {{ lead_scoring.text_to_double(lead_scoring.trimmed('value')) }} / 100 as amount,
        -- times
        -- Closing is the last change that most deals see. edate is not when a deal ended: open ones have it, too.
        mdate as occurred_at,
        loaded_at,

        -- provenance
        {{ lead_scoring.provenance('deals') }}
    from deals
    where {{ lead_scoring.trimmed('status') }} in ('1', '2')

)

select * from final
