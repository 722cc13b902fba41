-- Grain: lead, score model or audience, publication that changed its score, grade, segment or the segment held. The log of what was published, and the one table that
-- a rebuild does not make anew: it is appended to, and rewritten for erasures alone. When a lead or its score model is gone, or it has left the audience, a row without
-- a score says so.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    post_hook=['{{ lead_scoring.forget_erased(this) }}', '{{ lead_scoring.forget_erased_restated() }}'],
) }}

with standings as (

    select * from {{ ref('int_standings') }}

),

scored as (

    select max(as_of_date) as as_of_date
    from standings

),

entries as (

    {% if is_incremental() -%}
    select lead_id, score_model, published_on, publication, score, grade, segment, held_segment, entered_on, is_gone
    from {{ this }}
    {%- else -%}
    -- The first publication opens the log; nothing was published before it.
    select lead_id, score_model, as_of_date as published_on, 0 as publication, score, grade, segment, held_segment, entered_on, false as is_gone
    from standings
    where false
    {%- endif %}

),

newest as (

    select
        max(published_on) as published_on,
        max(publication) as publication
    from entries

),

-- A date before the newest one and a known_at are questions about the past: no row here, so nothing is published. Nor is it where nobody was scored.
publications as (

    select
        scored.as_of_date as published_on,
        cast(coalesce(newest.publication, 0) + 1 as int) as publication
    from scored
    cross join newest
    where scored.as_of_date >= coalesce(newest.published_on, scored.as_of_date)
        and {{ 'false' if var('known_at') else 'true' }}

),

last_publications as (

    select
        lead_id,
        score_model,
        max(publication) as publication
    from entries
    group by lead_id, score_model

),

last_entries as (

    select entries.*
    from entries
    inner join last_publications
        on entries.lead_id = last_publications.lead_id
        and entries.score_model = last_publications.score_model
        and entries.publication = last_publications.publication

),

changes as (

    select
        coalesce(standings.lead_id, last_entries.lead_id) as lead_id,
        coalesce(standings.score_model, last_entries.score_model) as score_model,
        standings.score,
        standings.grade,
        standings.segment,
        standings.segment_reason,
        standings.trend,
        standings.grid_version,
        standings.held_segment,
        standings.held_reason,
        standings.entered_on,
        standings.lead_id is null as is_gone
    from standings
    full outer join last_entries
        on standings.lead_id = last_entries.lead_id
        and standings.score_model = last_entries.score_model
    where coalesce(last_entries.is_gone, true) <> (standings.lead_id is null)
        or standings.score <> last_entries.score
        or standings.grade <> last_entries.grade
        or standings.segment <> last_entries.segment
        or standings.held_segment <> coalesce(last_entries.held_segment, last_entries.segment)
        or standings.entered_on <> coalesce(last_entries.entered_on, standings.entered_on)

),

final as (

    select
        changes.lead_id,
        changes.score_model,
        publications.published_on,
        publications.publication,
        changes.score,
        changes.grade,
        changes.segment,
        changes.segment_reason,
        changes.trend,
        changes.grid_version,
        changes.held_segment,
        changes.held_reason,
        changes.entered_on,
        changes.is_gone
    from changes
    cross join publications

)

select * from final
