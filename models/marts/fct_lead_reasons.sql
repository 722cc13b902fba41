-- Grain: lead, score model, rank. The largest entries of a ledger as sentences: what, when, how much, and what will be left of it if nothing more happens.
{{ config(materialized='view') }}

{% set days_ahead = lead_scoring.outlook_days() | min if lead_scoring.outlook_days() else none %}

with contributions as (

    select * from {{ ref('int_contributions') }}
    where scored_on = {{ lead_scoring.as_of_date() }}
        and points <> 0

),

{% if days_ahead -%}
contributions_ahead as (

    select * from {{ ref('int_contributions') }}
    where scored_on = {{ lead_scoring.days_after(lead_scoring.as_of_date(), days_ahead) }}

),

{% endif -%}
ranked as (

    select
        *,
        {{ lead_scoring.reason_rank() }} as reason_rank
    from contributions

),

told as (

    select * from ranked
    where reason_rank <= {{ var('lead_scoring_reasons_told') }}

),

compared as (

    select
        told.*,
        {% if days_ahead -%}
        coalesce(contributions_ahead.points, cast(0 as decimal(18, 6))) as points_ahead,
        {{ lead_scoring.days_after(lead_scoring.as_of_date(), days_ahead) }} as ahead_on
        {%- else -%}
        cast(null as decimal(18, 6)) as points_ahead,
        cast(null as date) as ahead_on
        {%- endif %}
    from told
    {%- if days_ahead %}
    left join contributions_ahead
        on told.lead_id = contributions_ahead.lead_id
        and told.score_model = contributions_ahead.score_model
        and told.entry_type = contributions_ahead.entry_type
        and told.entry_id = contributions_ahead.entry_id
    {%- endif %}

),

worded as (

    select
        *,
        case
            when last_on is null then ''
            when occurrences > 1 then ', ' || cast(occurrences as string) || ' times, last on ' || {{ lead_scoring.date_in_words('last_on') }}
            else ' on ' || {{ lead_scoring.date_in_words('last_on') }}
        end as occasion,
        case when points > 0 then '+' else '' end || {{ lead_scoring.points_in_words('points') }} as points_told,
        case
            when points_ahead is null or points_ahead = points then ''
            when points_ahead = 0 then ', gone by ' || {{ lead_scoring.date_in_words('ahead_on') }}
            when points_ahead < points then ', falls to ' || {{ lead_scoring.points_in_words('points_ahead') }} || ' by ' || {{ lead_scoring.date_in_words('ahead_on') }}
            else ', rises to ' || {{ lead_scoring.points_in_words('points_ahead') }} || ' by ' || {{ lead_scoring.date_in_words('ahead_on') }}
        end as course
    from compared

),

final as (

    select
        lead_id,
        score_model,
        {{ lead_scoring.as_of_date() }} as as_of_date,
        cast(reason_rank as int) as reason_rank,
        entry_type,
        entry_id,
        label,
        cast(occurrences as bigint) as occurrences,
        first_on,
        last_on,
        points,
        points_ahead,
        ahead_on,
        label || occasion || ': ' || points_told || course as sentence
    from worded

)

select * from final
-- In order for the same reason as the ledger: what is sorted is computed before a client fetches it.
order by lead_id, score_model, reason_rank
