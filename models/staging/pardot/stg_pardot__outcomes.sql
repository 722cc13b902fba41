-- Grain: closed opportunity x prospect. What became of the leads of an opportunity. Open ones say nothing yet.
{{ config(enabled='pardot' in var('lead_scoring_sources')) }}

{% set time_zone = var('lead_scoring_source_timezones').get('pardot', 'UTC') %}
with opportunities as (

    {{ lead_scoring.latest_rows(source('pardot', 'opportunity'), 'id', [
        'updated_at', '_fivetran_synced', '_fivetran_deleted', 'status', 'value', 'closed_at', '_raw_unreadable', '_raw_file', '_raw_row', '_raw_text',
    ]) }}

),

participants as (

    select
        opportunity_id,
        prospect_id,
        max(_fivetran_synced) as _fivetran_synced
    from {{ source('pardot', 'opportunity_prospect') }}
    where opportunity_id is not null and prospect_id is not null and not coalesce(_fivetran_deleted, false)
    group by opportunity_id, prospect_id

),

-- Opportunity Won and Opportunity Lost: the latest time counts, since an opportunity may be reopened.
closing_activities as (

    select
        opportunity_id,
        case when {{ lead_scoring.trimmed('type') }} = '9' then 'won' else 'lost' end as outcome,
        max(created_at) as created_at
    from {{ source('pardot', 'visitor_activity') }}
    where opportunity_id is not null
        and {{ lead_scoring.trimmed('type') }} in ('9', '10')
        and (_fivetran_synced is null or {{ lead_scoring.is_known('_fivetran_synced') }})
    group by opportunity_id, case when {{ lead_scoring.trimmed('type') }} = '9' then 'won' else 'lost' end

),

opportunities_closed as (

    select
        *,
        {{ lead_scoring.comparable('status') }} as outcome
    from opportunities
    where {{ lead_scoring.comparable('status') }} in ('won', 'lost') and not coalesce(_fivetran_deleted, false)

),

-- closed_at may be missing on a won opportunity. Then the activity knows when; updated_at is only the last resort, since every synchronisation moves it.
times_found as (

    select
        opportunities_closed.*,
        {{ lead_scoring.local_to_utc(
            'coalesce(opportunities_closed.closed_at, closing_activities.created_at, opportunities_closed.updated_at)', time_zone
        ) }} as occurred_at
    from opportunities_closed
    left join closing_activities
        on opportunities_closed.id = closing_activities.opportunity_id
        and opportunities_closed.outcome = closing_activities.outcome

),

final as (

    select
        -- ids
        times_found.id || coalesce(':' || participants.prospect_id, '') as outcome_id,
        participants.prospect_id as contact_id,
        {{ lead_scoring.null_columns('outcomes', ['email', 'reason']) }},
        -- strings
        times_found.outcome,
        -- numbers
        -- An opportunity is paid once, however many prospects took part in it: equal shares keep every sum right.
        times_found.value / count(*) over (partition by times_found.id) as amount,
        -- times
        times_found.occurred_at,
        coalesce(times_found._fivetran_synced, participants._fivetran_synced, times_found.occurred_at) as loaded_at,

        -- provenance
        {{ lead_scoring.provenance('opportunity', 'times_found') }}
    from times_found
    left join participants on times_found.id = participants.opportunity_id

)

select * from final
