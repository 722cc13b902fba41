-- Grain: lead, score model whose score decay alone takes under its band, week of the first stretch that ends under it. What is left of the score by its end.
with leads as (

    select * from {{ ref('int_cooling_leads') }}

),

first_stretches as (

    select
        lead_id,
        score_model,
        min(days_ahead) as days_ahead
    from {{ ref('int_cooling_stretches') }}
    where is_under
    group by lead_id, score_model

),

weeks as (

    select cast({{ lead_scoring.array_to_rows(lead_scoring.whole_numbers_up_to(lead_scoring.days_of_a_week() ~ ' - 1')) }} as int) as weeks_earlier

),

candidates as (

    select
        first_stretches.lead_id,
        first_stretches.score_model,
        first_stretches.days_ahead - weeks.weeks_earlier * {{ lead_scoring.days_of_a_week() }} as days_ahead
    from first_stretches
    cross join weeks

),

{{ lead_scoring.decayed_scores('candidates') }},

final as (

    select
        decayed_scores.lead_id,
        decayed_scores.score_model,
        decayed_scores.days_ahead,
        decayed_scores.score_exact,
        cast(cast(decayed_scores.score_exact as decimal(18, 0)) as int) < leads.lower_bound as is_under
    from decayed_scores
    inner join leads
        on decayed_scores.lead_id = leads.lead_id
        and decayed_scores.score_model = leads.score_model

)

select * from final
