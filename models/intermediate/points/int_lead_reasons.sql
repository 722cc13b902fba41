-- Grain: lead, score model in which something gives or takes points. What a score is mostly made of, in words, and how far the lead has come.
with contributions as (

    select * from {{ ref('int_contributions') }}
    where scored_on = {{ lead_scoring.as_of_date() }}
        and points <> 0
        and {{ lead_scoring.in_part('lead_id') }}

),

contributions_ranked as (

    select
        lead_id,
        score_model,
        stage,
        label,
        points,
        {{ lead_scoring.reason_rank() }} as reason_rank
    from contributions

),

reasons_worded as (

    select
        lead_id,
        score_model,
        reason_rank,
        case when points > 0 then stage end as stage,
        case
            when reason_rank <= 3
                then label || ' (' || case when points > 0 then '+' else '' end || cast(cast(points as decimal(18, 1)) as string) || ')'
        end as reason
    from contributions_ranked

),

final as (

    select
        lead_id,
        score_model,
        max(case when reason_rank = 1 then reason end)
        || coalesce('; ' || max(case when reason_rank = 2 then reason end), '')
        || coalesce('; ' || max(case when reason_rank = 3 then reason end), '') as top_reasons,
        case
            when max(case when stage = 'exploration' then 1 end) = 1 then 'exploration'
            when max(case when stage = 'engagement' then 1 end) = 1 then 'engagement'
            when max(case when stage = 'interest' then 1 end) = 1 then 'interest'
        end as stage
    from reasons_worded
    group by lead_id, score_model

)

select * from final
