-- Grain: row of campaign_member as delivered. How far a campaign got with a person: the status says, and what it is worth depends on the kind of campaign.
{{ config(enabled='salesforce' in var('lead_scoring_sources')) }}

with members as (

    {{ lead_scoring.salesforce_versions('campaign_member') }}

),

campaigns as (

    select * from ({{ lead_scoring.salesforce_versions('campaign') }}) as campaign_versions
    where is_current

),

joined as (

    select
        members.*,
        campaigns.name as campaign_name,
        campaigns.type as campaign_type,
        coalesce('CAMPAIGN_' || {{ lead_scoring.salesforce_code('campaigns.type') }}, 'CAMPAIGN') as vendor_type
    from members
    left join campaigns on members.campaign_id = campaigns.id

),

final as (

    select
        -- ids
        'campaign_member:' || id as event_id,
        -- Of a lead that was converted both are there.
        coalesce(contact_id, lead_id) as contact_id,
        -- strings
        vendor_type,
        vendor_type || '_' || {{ lead_scoring.salesforce_code('status') }} as native_code,
        campaign_name as campaign,
        {{ lead_scoring.json_object({'campaign_type': 'campaign_type', 'status': 'status'}) }} as properties,
        -- numbers
        record_version as event_version,
        cast(null as double) as duration_seconds,
        cast(null as double) as amount,
        -- booleans
        is_gone or not is_current as is_deleted,
        -- times
        -- The only time that Salesforce keeps of an answer is the day of the first one.
        coalesce(first_responded_date, created_date) as occurred_at,
        loaded_at,

        -- provenance
        {{ lead_scoring.provenance('campaign_member') }}
    from joined

)

select * from final
