-- Grain: lead, score model, scored date. The five subscores, before and within their bounds, and what they count for in the score; one in which nothing fired is 0 before its bounds.
with lead_days as (

    select * from {{ ref('int_lead_days') }}
    where {{ lead_scoring.in_part('lead_id') }}

),

score_models as (

    select * from {{ ref('stg_config__score_models') }}

),

group_points as (

    select * from {{ ref('int_group_points') }}
    where {{ lead_scoring.in_part('lead_id') }}

),

subscore_bounds as (

    select * from {{ ref('stg_config__subscore_bounds') }}

),

sums as (

    select
        lead_id,
        score_model,
        {%- for subscore in lead_scoring.subscores() %}
        {%- set is_last_subscore = loop.last %}
        {%- for days in lead_scoring.scored_days() %}
        cast(
            sum(case when subscore = '{{ subscore }}' then {{ lead_scoring.dated('points', days) }} end) as decimal(18, 6)
        ) as {{ lead_scoring.dated(subscore ~ '_summed', days) }}{{ ',' if not (loop.last and is_last_subscore) }}
        {%- endfor %}
        {%- endfor %}
    from group_points
    group by lead_id, score_model

),

bounds as (

    select
        score_model,
        {%- for subscore in lead_scoring.subscores() %}
        max(case when subscore = '{{ subscore }}' then min_points end) as {{ subscore }}_min,
        max(case when subscore = '{{ subscore }}' then max_points end) as {{ subscore }}_max,
        max(case when subscore = '{{ subscore }}' then weight end) as {{ subscore }}_weight{{ ',' if not loop.last }}
        {%- endfor %}
    from subscore_bounds
    group by score_model

),

summed as (

    select
        lead_days.lead_id,
        score_models.score_model,
        lead_days.scored_on,
        lead_days.days_before,
        lead_days.last_activity_on,
        {%- for subscore in lead_scoring.subscores() %}
        coalesce({{ lead_scoring.of_its_date('sums.' ~ subscore ~ '_summed', 'lead_days.days_before') }}, cast(0 as decimal(18, 6))) as {{ subscore }}_summed{{ ',' if not loop.last }}
        {%- endfor %}
    from lead_days
    cross join score_models
    left join sums
        on lead_days.lead_id = sums.lead_id
        and score_models.score_model = sums.score_model

),

bounded as (

    select
        summed.*,
        {%- for subscore in lead_scoring.subscores() %}
        {{ lead_scoring.clipped('summed.' ~ subscore ~ '_summed', 'bounds.' ~ subscore ~ '_min', 'bounds.' ~ subscore ~ '_max') }} as {{ subscore }}_points,
        bounds.{{ subscore }}_weight{{ ',' if not loop.last }}
        {%- endfor %}
    from summed
    left join bounds on summed.score_model = bounds.score_model

),

weighted as (

    select
        *,
        {%- for subscore in lead_scoring.subscores() %}
        -- Wide on purpose, and only where it has to be: DuckDB keeps a product of narrow decimals within 18 digits and fails beyond.
        case
            when coalesce({{ subscore }}_weight, 1) = 1 then {{ subscore }}_points
            else cast(cast({{ subscore }}_points as decimal(28, 6)) * {{ subscore }}_weight as decimal(18, 6))
        end as {{ subscore }}_weighted{{ ',' if not loop.last }}
        {%- endfor %}
    from bounded

),

final as (

    select
        lead_id,
        score_model,
        scored_on,
        days_before,
        last_activity_on,
        {%- for subscore in lead_scoring.subscores() %}
        {{ subscore }}_summed,
        {{ subscore }}_points,
        {{ subscore }}_weighted,
        {%- endfor %}
        cast(
            {%- for subscore in lead_scoring.subscores() %}
            {{ subscore }}_weighted{{ ' +' if not loop.last }}
            {%- endfor %} as decimal(18, 6)
        ) as raw_score
    from weighted

)

select * from final
