-- Grain: lead, score model of which a destination asks when its score cools down. The least score of its band. Nobody in the lowest band, nobody who is excluded, and
-- no score model in which a score is a share of the largest of all, which decays too.
with fields_asked as (

    select distinct
        destination_fields.destination,
        coalesce(destination_fields.score_model, default_score_models.score_model) as score_model
    from {{ ref('stg_config__destination_fields') }} as destination_fields
    left join {{ ref('stg_config__score_models') }} as default_score_models on default_score_models.is_default
    where destination_fields.field = 'cools_down_on'

),

contacts_desired as (

    select * from {{ ref('int_contacts_desired') }}

),

scores as (

    select * from {{ ref('fct_lead_scores') }}
    where not is_excluded

),

score_models as (

    select * from {{ ref('stg_config__score_models') }}
    where normalisation = 'clamp' or raw_max is not null

),

segments as (

    select * from {{ ref('stg_config__segments') }}

),

final as (

    select
        scores.lead_id,
        scores.score_model,
        scores.score_exact,
        max(segments.lower_bound) as lower_bound
    from contacts_desired
    inner join fields_asked on contacts_desired.destination = fields_asked.destination
    inner join scores
        on contacts_desired.lead_id = scores.lead_id
        and fields_asked.score_model = scores.score_model
    inner join score_models on scores.score_model = score_models.score_model
    inner join segments
        on scores.score_model = segments.score_model
        and scores.score >= segments.lower_bound
    group by scores.lead_id, scores.score_model, scores.score_exact

)

select * from final
