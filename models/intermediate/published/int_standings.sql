-- Grain: lead, score model or audience (`audience:<name>`). What is to be published of a lead: its score with the segment that it holds, and the audiences that it is in.
{{ config(materialized='view') }}

with scores as (

    select * from {{ ref('fct_lead_scores') }}

),

held_segments as (

    select * from {{ ref('int_held_segments') }}

),

audiences as (

    select * from {{ ref('stg_config__audiences') }}

),

audience_members as (

    select * from {{ ref('int_audience_members') }}

),

last_standings as (

    select
        *,
        {{ lead_scoring.audience_of('score_model') }} as audience
    from {{ ref('int_last_standings') }}
    where score_model like 'audience:%'

),

leads as (

    select lead_id from {{ ref('dim_leads') }}

),

-- Who was in an audience for less than its days is in it still.
audience_standings as (

    select
        audience_members.lead_id,
        audience_members.audience,
        coalesce(last_standings.entered_on, {{ lead_scoring.as_of_date() }}) as entered_on
    from audience_members
    left join last_standings
        on audience_members.lead_id = last_standings.lead_id
        and audience_members.audience = last_standings.audience
    union all
    select
        last_standings.lead_id,
        last_standings.audience,
        last_standings.entered_on
    from last_standings
    inner join audiences on last_standings.audience = audiences.audience
    inner join leads on last_standings.lead_id = leads.lead_id
    left join audience_members
        on last_standings.lead_id = audience_members.lead_id
        and last_standings.audience = audience_members.audience
    where audience_members.lead_id is null
        and {{ lead_scoring.days_between('last_standings.entered_on', lead_scoring.as_of_date()) }} < audiences.min_days

),

final as (

    select
        scores.lead_id,
        scores.score_model,
        scores.as_of_date,
        scores.score,
        scores.grade,
        scores.segment,
        scores.segment_reason,
        scores.trend,
        scores.grid_version,
        held_segments.held_segment,
        held_segments.held_reason,
        held_segments.entered_on
    from scores
    inner join held_segments
        on scores.lead_id = held_segments.lead_id
        and scores.score_model = held_segments.score_model
    union all
    select
        lead_id,
        {{ lead_scoring.audience_standing('audience') }} as score_model,
        {{ lead_scoring.as_of_date() }} as as_of_date,
        cast(null as int) as score,
        cast(null as string) as grade,
        cast(null as string) as segment,
        cast(null as string) as segment_reason,
        cast(null as string) as trend,
        cast(null as string) as grid_version,
        audience as held_segment,
        'conditions' as held_reason,
        entered_on
    from audience_standings

)

select * from final
