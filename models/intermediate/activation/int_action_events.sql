-- Grain: destination, transition, action. What a destination is told of as an event: an action that has become due for a lead that still holds the segment it entered.
with destinations as (

    select destinations.*
    from {{ ref('stg_config__destinations') }} as destinations
    inner join {{ ref('stg_config__provider_limits') }} as provider_limits
        on destinations.provider = provider_limits.provider
        and provider_limits.operation = 'event'
    where destinations.is_on

),

destination_actions as (

    select * from {{ ref('stg_config__destination_actions') }}

),

next_actions as (

    select * from {{ ref('fct_next_actions') }}

),

scores as (

    select * from {{ ref('fct_lead_scores') }}

),

recipients as (

    select * from {{ ref('int_recipients') }}

),

due as (

    select
        destinations.destination,
        destinations.provider,
        recipients.key,
        next_actions.*,
        scores.score,
        {{ lead_scoring.moment_text('next_actions.due_at') }} as due_text
    from next_actions
    inner join destination_actions on next_actions.channel = destination_actions.channel
    inner join destinations on destination_actions.destination = destinations.destination
    inner join recipients on next_actions.lead_id = recipients.lead_id
    inner join scores
        on next_actions.lead_id = scores.lead_id
        and next_actions.score_model = scores.score_model
    -- What became due by the end of the as_of_date, and not long before it: a new destination is not told of years.
    where next_actions.due_at < {{ lead_scoring.hours_after(lead_scoring.days_after(lead_scoring.as_of_date(), '1'), '0') }}
        and next_actions.due_at >= {{ lead_scoring.hours_after(lead_scoring.days_after(lead_scoring.as_of_date(), '-' ~ var('lead_scoring_trigger_days')), '0') }}

),

-- An action that stands there for any trend and for this one is one action: the one that is due first.
due_ranked as (

    select
        *,
        row_number() over (
            partition by destination, lead_id, score_model, segment, entered_on, channel, action, template
            order by due_text
        ) as due_rank
    from due

),

final as (

    select
        destination,
        provider,
        key,
        lead_id,
        md5(
            destination || '|event|' || lead_id || '|' || score_model || '|' || segment || '|' || cast(entered_on as string) || '|' || channel || '|' || action || '|' || template
        ) as op_id,
        '{"event":' || {{ lead_scoring.json_string('template') }}
        || ',"occurred_at":' || {{ lead_scoring.json_string('due_text') }}
        || ',"properties":{"action":' || {{ lead_scoring.json_string('action') }}
        || ',"entered_on":' || {{ lead_scoring.json_string('cast(entered_on as string)') }}
        || ',"score":' || cast(score as string)
        || ',"score_model":' || {{ lead_scoring.json_string('score_model') }}
        || ',"segment":' || {{ lead_scoring.json_string('segment') }}
        || '}}' as payload
    from due_ranked
    where due_rank = 1

)

select * from final
