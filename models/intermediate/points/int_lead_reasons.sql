-- Grain: lead, score model. What a score is mostly made of, in words, and how far the lead has come.
with contributions as (

    select * from {{ ref('int_contributions') }}
    where scored_on = {{ lead_scoring.as_of_date() }}

),

contributions_ranked as (

    select
        lead_id,
        score_model,
        stage,
        points,
        label || ' (' || case when points > 0 then '+' else '' end || cast(cast(points as decimal(18, 1)) as string) || ')' as reason,
        row_number() over (
            partition by lead_id, score_model
            order by case when points = 0 then 1 else 0 end, abs(points) desc, entry_type, entry_id
        ) as reason_rank
    from contributions

),

final as (

    select
        lead_id,
        score_model,
        {{ lead_scoring.joined_in_order("case when reason_rank <= 3 and points <> 0 then reason end", '; ', 'reason_rank') }} as top_reasons,
        case
            when max(case when stage = 'exploration' and points > 0 then 1 end) = 1 then 'exploration'
            when max(case when stage = 'engagement' and points > 0 then 1 end) = 1 then 'engagement'
            when max(case when stage = 'interest' and points > 0 then 1 end) = 1 then 'interest'
        end as stage
    from contributions_ranked
    group by lead_id, score_model

)

select * from final
