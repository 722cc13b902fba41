-- Grain: contact. What ActiveCampaign now says of it; events and deletions ask for this, not for how it came to be.
{{ config(enabled='activecampaign' in var('lead_scoring_sources')) }}

with source as (

    select
        *,
        coalesce(_airbyte_extracted_at, _airbyte_emitted_at, _sdc_batched_at, udate, cdate) as loaded_at
    from {{ source('activecampaign', 'contacts') }}

),

latest as (

    {{ lead_scoring.latest_rows('source', 'id', [
        'loaded_at', 'udate', 'email', 'deleted', 'anonymized', 'bounced_hard', 'bounced_soft', 'bounced_date', 'mpp_tracking',
        '_raw_unreadable', '_raw_file', '_raw_row', '_raw_text',
    ], 'loaded_at') }}

),

final as (

    select
        -- ids
        id as contact_id,
        email as stated_email,
        {{ lead_scoring.normalised_email('email') }} as email,
        -- strings
        bounced_date,
        -- booleans
        coalesce({{ lead_scoring.text_to_boolean(lead_scoring.trimmed('mpp_tracking')) }}, false) as has_mail_privacy,
        -- How many came back, so any number above 0 is a yes.
        coalesce({{ lead_scoring.text_to_integer(lead_scoring.trimmed('bounced_hard')) }}, 0) > 0 as has_bounced_hard,
        coalesce({{ lead_scoring.text_to_integer(lead_scoring.trimmed('bounced_soft')) }}, 0) > 0 as has_bounced_soft,
        coalesce({{ lead_scoring.text_to_boolean(lead_scoring.trimmed('deleted')) }}, false)
        or coalesce({{ lead_scoring.text_to_boolean(lead_scoring.trimmed('anonymized')) }}, false) as is_deleted,
        -- times
        udate as updated_at,
        loaded_at,

        -- provenance
        {{ lead_scoring.provenance('contacts') }}
    from latest

)

select * from final
