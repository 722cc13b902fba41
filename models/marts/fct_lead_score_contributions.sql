-- Grain: lead, score model, entry. The ledger: every point of a score, and every correction. Its sum is the score, exactly.
{{ config(materialized='view') }}

with contributions as (

    select * from {{ ref('int_contributions') }}
    where scored_on = {{ lead_scoring.as_of_date() }}

),

corrections as (

    select * from {{ ref('int_corrections') }}
    where scored_on = {{ lead_scoring.as_of_date() }}

),

entries as (

    select
        lead_id, score_model, scored_on, entry_type, entry_id, label, rule_id, rule_group, subscore, occurrences, first_on, last_on, points_uncapped, points
    from contributions
    union all
    select
        lead_id, score_model, scored_on, entry_type, entry_id, {{ lead_scoring.correction_in_words('entry_type', 'entry_id') }} as label, cast(null as string) as rule_id, rule_group, subscore,
        0 as occurrences, cast(null as date) as first_on, cast(null as date) as last_on, points as points_uncapped, points
    from corrections

),

final as (

    select
        entries.lead_id,
        entries.score_model,
        entries.scored_on as as_of_date,
        entries.entry_type,
        entries.entry_id,
        entries.label,
        entries.rule_id,
        entries.rule_group,
        entries.subscore,
        cast(entries.occurrences as bigint) as occurrences,
        entries.first_on,
        entries.last_on,
        entries.points_uncapped,
        entries.points
    from entries

)

select * from final
-- In order, though order is no result here: DuckDB 1.5 waits for ever where a client fetches row by row (Python's execute() does) from a union whose second part
-- groups or joins much. The first part waits for the client, the second for the first, and the client for both. What is sorted is computed before it is fetched.
order by lead_id, score_model, entry_type, entry_id
