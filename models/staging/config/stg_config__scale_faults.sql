-- Grain: fault. Scales that would order leads wrongly: grades and segments that overlap, are out of order or are not there.
with score_models as (

    select * from {{ ref('stg_config__score_models') }}

),

grade_scales as (

    select * from {{ ref('stg_config__grade_scales') }}

),

segments as (

    select * from {{ ref('stg_config__segments') }}

),

grades_paired as (

    select
        file,
        score_model,
        row_key,
        lower_bound,
        lag(grade) over (partition by score_model, axis, lower_bound order by grade) as twin
    from grade_scales
    where lower_bound is not null

),

segments_paired as (

    select
        file,
        score_model,
        row_key,
        segment,
        rank,
        lower_bound,
        lower_bound is null and not {{ lead_scoring.is_unreadable('lower_bound') }} as is_lowest,
        lag(segment) over (partition by score_model, rank order by segment) as rank_twin,
        lag(segment) over (partition by score_model, lower_bound order by segment) as bound_twin
    from segments
    where unreadable_columns is null

),

segments_counted as (

    select
        file,
        score_model,
        row_key,
        segment,
        rank,
        lower_bound,
        is_lowest,
        sum(case when rank_twin is not null or bound_twin is not null then 1 else 0 end) over (partition by score_model) as twin_count
    from segments_paired

),

-- The order is judged only where no two segments share a place.
segments_followed as (

    select
        file,
        score_model,
        row_key,
        rank,
        lower_bound,
        is_lowest,
        lag(segment) over (partition by score_model order by rank) as previous_segment,
        lag(lower_bound) over (partition by score_model order by rank) as previous_bound
    from segments_counted
    where twin_count = 0

),

-- That a row has no name is told already.
score_models_scaled as (

    select
        score_models.file,
        score_models.score_model,
        score_models.row_key,
        count(grade_scales.grade) as grade_count,
        count(segments.segment) as segment_count
    from score_models
    left join grade_scales on score_models.score_model = grade_scales.score_model
    left join segments on score_models.score_model = segments.score_model
    where score_models.score_model is not null
    group by score_models.file, score_models.score_model, score_models.row_key

),

final as (

    select
        {{ lead_scoring.fault('grade_scales', 'lower_bound', lead_scoring.shown_number('lower_bound') ~ " || ' is the bound of the grade ' || twin || ' too'") }}
    from grades_paired
    where twin is not null
    union all
    select
        {{ lead_scoring.fault('segments', 'rank', "cast(rank as string) || ' is the rank of ' || rank_twin || ' too'") }}
    from segments_paired
    where rank_twin is not null
    union all
    select
        {{ lead_scoring.fault('segments', 'lower_bound', lead_scoring.shown_number('lower_bound') ~ " || ' is the bound of ' || bound_twin || ' too'") }}
    from segments_paired
    where bound_twin is not null and lower_bound is not null
    union all
    select
        {{ lead_scoring.fault('segments', 'lower_bound', "'is empty as that of ' || bound_twin || ' is: one segment is the lowest'") }}
    from segments_paired
    where bound_twin is not null and lower_bound is null
    union all
    select
        {{ lead_scoring.fault('segments', 'rank', "cast(rank as string) || ' comes after the rank of ' || previous_segment || ', but the lower_bound is below'") }}
    from segments_followed
    where lower_bound < previous_bound or (is_lowest and previous_segment is not null)
    union all
    select
        {{ lead_scoring.fault('segments', 'segment', "segment || ' is the word for leads that a rule excludes'") }}
    from segments
    where lower(segment) = 'excluded'
    union all
    select
        min(file) as file,  -- noqa: RF04
        score_model,
        cast(null as string) as rule_id,
        cast(null as string) as row_key,
        'lower_bound' as column_name,
        'is nowhere empty: one segment is the lowest' as reason
    from segments
    group by score_model
    having sum(case when lower_bound is null then 1 else 0 end) = 0
    union all
    select
        {{ lead_scoring.fault('score_models', 'score_model', "score_model || ' has no row in grade_scales.csv'") }}
    from score_models_scaled
    where grade_count = 0
    union all
    select
        {{ lead_scoring.fault('score_models', 'score_model', "score_model || ' has no row in segments.csv'") }}
    from score_models_scaled
    where segment_count = 0

)

select * from final
