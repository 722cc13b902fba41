-- Grain: lead, score model, stretch of seven weeks ahead. What decay alone makes of the score by its end; at 0 it is the score as it is.
with leads as (

    select * from {{ ref('int_cooling_leads') }}

),

stretches as (

    select cast({{ lead_scoring.array_to_rows(lead_scoring.whole_numbers_up_to(var('lead_scoring_cooling_stretches'))) }} as int) as stretch

),

candidates as (

    select
        leads.lead_id,
        leads.score_model,
        stretches.stretch * {{ lead_scoring.days_of_a_week() }} * {{ lead_scoring.days_of_a_week() }} as days_ahead
    from leads
    cross join stretches

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
