-- Grain: lead, suppression. Who must not be written to, and why.
with suppressions as (

    select * from {{ ref('stg_config__suppressions') }}

),

leads as (

    select * from {{ ref('dim_leads') }}

),

lead_profiles as (

    select * from {{ ref('int_lead_profiles') }}
    where held_from_on <= {{ lead_scoring.as_of_date() }}
        and held_until_on >= {{ lead_scoring.as_of_date() }}

),

scores as (

    select * from {{ ref('fct_lead_scores') }}
    where is_excluded

),

default_score_models as (

    select score_model from {{ ref('stg_config__score_models') }}
    where is_default

),

lifting_event_types as (

    select
        suppression,
        {{ lead_scoring.trimmed(lead_scoring.split_to_rows('lifted_by', '|')) }} as event_type
    from suppressions
    where lifted_by is not null

),

events as (

    select * from {{ ref('int_events_counted') }}
    where event_type in (select suppressions.name from suppressions where suppressions.kind = 'event')
        or event_type in (select lifting_event_types.event_type from lifting_event_types)

),

-- Whatever the as_of_date: who has objected since is not written to either.
started as (

    select
        events.lead_id,
        suppressions.suppression,
        max(events.occurred_at) as last_started_at
    from events
    inner join suppressions on events.event_type = suppressions.name and suppressions.kind = 'event'
    group by events.lead_id, suppressions.suppression

),

lifted as (

    select
        events.lead_id,
        lifting_event_types.suppression,
        max(events.occurred_at) as last_lifted_at
    from events
    inner join lifting_event_types on events.event_type = lifting_event_types.event_type
    group by events.lead_id, lifting_event_types.suppression

),

traits as (

    {%- for trait in ['is_email_opted_out', 'has_marketing_consent', 'is_internal'] %}
    select
        leads.lead_id,
        '{{ trait }}' as trait,
        coalesce(lead_profiles.{{ trait }}, false) as is_true
    from leads
    left join lead_profiles on leads.lead_id = lead_profiles.lead_id
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        started.lead_id,
        started.suppression
    from started
    inner join leads on started.lead_id = leads.lead_id
    left join lifted
        on started.lead_id = lifted.lead_id
        and started.suppression = lifted.suppression
    where lifted.last_lifted_at is null or lifted.last_lifted_at <= started.last_started_at
    union all
    select
        traits.lead_id,
        suppressions.suppression
    from traits
    inner join suppressions
        on traits.trait = suppressions.name
        and ((suppressions.kind = 'trait' and traits.is_true) or (suppressions.kind = 'missing_trait' and not traits.is_true))
    union all
    select
        scores.lead_id,
        suppressions.suppression
    from scores
    cross join default_score_models
    inner join suppressions
        on scores.score_model = coalesce(suppressions.name, default_score_models.score_model)
        and suppressions.kind = 'excluded'

)

select * from final
