-- Grain: score model, segment; the one of the excluded is among them. What a segment is called, and which scores belong to it: a report need not read the seeds.
{{ config(materialized='view') }}

with segments as (

    select * from {{ ref('stg_config__segments') }}

),

score_models as (

    select * from {{ ref('stg_config__score_models') }}

),

listed as (

    select
        score_model,
        segment,
        label,
        rank,
        lower_bound,
        lead(lower_bound) over (partition by score_model order by lower_bound nulls first) as upper_bound,
        temperature
    from segments
    union all
    select
        score_model,
        'excluded' as segment,
        'Excluded' as label,
        0 as rank,
        cast(null as decimal(10, 4)) as lower_bound,
        cast(null as decimal(10, 4)) as upper_bound,
        'cold' as temperature
    from score_models

),

final as (

    select
        listed.score_model,
        score_models.label as score_model_label,
        score_models.is_default,
        listed.segment,
        listed.label,
        cast(listed.rank as int) as rank,
        cast(listed.lower_bound as decimal(10, 4)) as lower_bound,
        cast(listed.upper_bound as decimal(10, 4)) as upper_bound,
        listed.temperature
    from listed
    inner join score_models on listed.score_model = score_models.score_model

)

select * from final
