-- Grain: lead, score model, scored date. The score with its grade and its segment.
with scores as (

    select * from {{ ref('int_scores_normalised') }}

),

segment_overrides as (

    select * from {{ ref('int_segment_overrides') }}

),

segment_bands as (

    select
        score_model,
        segment,
        lower_bound,
        lead(lower_bound) over (partition by score_model order by lower_bound nulls first) as upper_bound
    from {{ ref('stg_config__segments') }}

),

-- Below every bound lies the lowest letter, so the lowest bound does not bind.
grade_bands as (

    select
        score_model,
        axis,
        grade,
        case when row_number() over (partition by score_model, axis order by lower_bound) > 1 then lower_bound end as lower_bound,
        lead(lower_bound) over (partition by score_model, axis order by lower_bound) as upper_bound
    from {{ ref('stg_config__grade_scales') }}

),

banded as (

    select
        scores.*,
        coalesce(fit_bands.grade, '') || coalesce(behaviour_bands.grade, '') || coalesce(score_bands.grade, '') as grade,
        segment_bands.segment as band
    from scores
    left join grade_bands as fit_bands
        on scores.score_model = fit_bands.score_model
        and fit_bands.axis = 'fit'
        and (fit_bands.lower_bound is null or scores.fit_points >= fit_bands.lower_bound)
        and (fit_bands.upper_bound is null or scores.fit_points < fit_bands.upper_bound)
    left join grade_bands as behaviour_bands
        on scores.score_model = behaviour_bands.score_model
        and behaviour_bands.axis = 'behaviour'
        and (behaviour_bands.lower_bound is null or scores.behaviour_points >= behaviour_bands.lower_bound)
        and (behaviour_bands.upper_bound is null or scores.behaviour_points < behaviour_bands.upper_bound)
    left join grade_bands as score_bands
        on scores.score_model = score_bands.score_model
        and score_bands.axis = 'score'
        and (score_bands.lower_bound is null or scores.score >= score_bands.lower_bound)
        and (score_bands.upper_bound is null or scores.score < score_bands.upper_bound)
    left join segment_bands
        on scores.score_model = segment_bands.score_model
        and (segment_bands.lower_bound is null or scores.score >= segment_bands.lower_bound)
        and (segment_bands.upper_bound is null or scores.score < segment_bands.upper_bound)

),

final as (

    select
        banded.*,
        case
            when segment_overrides.exclude_rule_id is not null then 'excluded'
            else coalesce(segment_overrides.shortcut_segment, banded.band)
        end as segment,
        segment_overrides.exclude_rule_id is not null as is_excluded,
        case
            when segment_overrides.exclude_rule_id is not null then 'exclude:' || segment_overrides.exclude_rule_id
            when segment_overrides.shortcut_rule_id is not null then 'shortcut:' || segment_overrides.shortcut_rule_id
            else 'score'
        end as segment_reason
    from banded
    left join segment_overrides
        on banded.lead_id = segment_overrides.lead_id
        and banded.score_model = segment_overrides.score_model
        and banded.scored_on = segment_overrides.scored_on

)

select * from final
