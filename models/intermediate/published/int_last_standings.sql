-- Grain: lead, score model that was published before the as_of_date, and not as gone. What the lead held then, and since when.
-- An audience is a score model `audience:<name>`.
-- depends_on: {{ ref('fct_lead_scores') }}: whoever makes the scores of another date (`--select fct_lead_scores+`) asks the log for that date, too.
{{ config(materialized='view') }}

with entries as (

    {{ lead_scoring.published_log() }}

),

last_publications as (

    select
        lead_id,
        score_model,
        max(publication) as publication
    from entries
    group by lead_id, score_model

),

final as (

    select
        entries.lead_id,
        entries.score_model,
        coalesce(entries.held_segment, entries.segment) as held_segment,
        coalesce(entries.held_reason, entries.segment_reason) as held_reason,
        coalesce(entries.entered_on, entries.published_on) as entered_on
    from entries
    inner join last_publications
        on entries.lead_id = last_publications.lead_id
        and entries.score_model = last_publications.score_model
        and entries.publication = last_publications.publication
    where not entries.is_gone

)

select * from final
