-- Grain: lead, score model whose score decay alone takes under its band. On which date: the first under it of the first week that ends
-- under it, of the first seven weeks that do. Scores that rise again in between are looked at there only.
with leads as (

    select * from {{ ref('int_cooling_leads') }}

),

first_weeks as (

    select
        lead_id,
        score_model,
        min(days_ahead) as days_ahead
    from {{ ref('int_cooling_weeks') }}
    where is_under
    group by lead_id, score_model

),

days as (

    select cast({{ lead_scoring.array_to_rows(lead_scoring.whole_numbers_up_to(lead_scoring.days_of_a_week() ~ ' - 1')) }} as int) as days_earlier

),

candidates as (

    select
        first_weeks.lead_id,
        first_weeks.score_model,
        first_weeks.days_ahead - days.days_earlier as days_ahead
    from first_weeks
    cross join days

),

{{ lead_scoring.decayed_scores('candidates') }},

final as (

    select
        decayed_scores.lead_id,
        decayed_scores.score_model,
        {{ lead_scoring.days_after(lead_scoring.as_of_date(), 'min(decayed_scores.days_ahead)') }} as cools_down_on
    from decayed_scores
    inner join leads
        on decayed_scores.lead_id = leads.lead_id
        and decayed_scores.score_model = leads.score_model
    where cast(cast(decayed_scores.score_exact as decimal(18, 0)) as int) < leads.lower_bound
    group by decayed_scores.lead_id, decayed_scores.score_model

)

select * from final
