-- Grain: lead, score model, publication that changed its score, grade or segment. The log of what was published, and the one table that a rebuild does not
-- make anew: it is appended to, and rewritten for erasures alone. When a lead or its score model is gone, a row without a score says so.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    post_hook=['{{ lead_scoring.forget_erased(this) }}', '{{ lead_scoring.forget_erased_restated() }}'],
) }}

with scores as (

    select * from {{ ref('fct_lead_scores') }}

),

entries as (

    {% if is_incremental() -%}
    select lead_id, score_model, published_on, publication, score, grade, segment, is_gone
    from {{ this }}
    {%- else -%}
    -- The first publication opens the log; nothing was published before it.
    select lead_id, score_model, as_of_date as published_on, 0 as publication, score, grade, segment, false as is_gone
    from scores
    where false
    {%- endif %}

),

newest as (

    select
        max(published_on) as published_on,
        max(publication) as publication
    from entries

),

scored as (

    select max(as_of_date) as as_of_date
    from scores

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
        coalesce(scores.lead_id, last_entries.lead_id) as lead_id,
        coalesce(scores.score_model, last_entries.score_model) as score_model,
        scores.score,
        scores.grade,
        scores.segment,
        scores.segment_reason,
        scores.trend,
        scores.grid_version,
        scores.lead_id is null as is_gone
    from scores
    full outer join last_entries
        on scores.lead_id = last_entries.lead_id
        and scores.score_model = last_entries.score_model
    where coalesce(last_entries.is_gone, true) <> (scores.lead_id is null)
        or scores.score <> last_entries.score
        or scores.grade <> last_entries.grade
        or scores.segment <> last_entries.segment

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
        changes.is_gone
    from changes
    cross join publications

)

select * from final
