-- Grain: lead, score model. The segment that a lead holds on the as_of_date: that of its band, unless margin or dwell keep it in the one that it held.
with scores as (

    select * from {{ ref('fct_lead_scores') }}

),

last_standings as (

    select * from {{ ref('int_last_standings') }}

),

segments as (

    select
        score_model,
        segment,
        rank,
        lower_bound,
        lead(lower_bound) over (partition by score_model order by lower_bound nulls first) as upper_bound,
        enter_margin,
        min_days
    from {{ ref('stg_config__segments') }}

),

-- Whom a rule puts elsewhere moves at once; so does who held what is no segment any more, and who held none.
standings as (

    select
        scores.lead_id,
        scores.score_model,
        scores.score,
        scores.segment,
        scores.segment_reason,
        last_standings.held_segment,
        last_standings.held_reason,
        last_standings.entered_on,
        held.rank as held_rank,
        bands.rank as band_rank,
        held.rank is not null
        and scores.segment_reason = 'score'
        and scores.segment <> last_standings.held_segment as is_moved_by_score,
        {{ lead_scoring.days_between('last_standings.entered_on', lead_scoring.as_of_date()) }} >= held.min_days as has_dwelt
    from scores
    left join last_standings
        on scores.lead_id = last_standings.lead_id
        and scores.score_model = last_standings.score_model
    left join segments as held
        on last_standings.score_model = held.score_model
        and last_standings.held_segment = held.segment
    left join segments as bands
        on scores.score_model = bands.score_model
        and scores.segment = bands.segment

),

-- The segments between the one held and the band, the band's among them, into which the score is far enough.
moves as (

    select
        standings.lead_id,
        standings.score_model,
        case
            when standings.band_rank > standings.held_rank then max_by(segments.segment, segments.rank)
            else min_by(segments.segment, segments.rank)
        end as segment
    from standings
    inner join segments
        on standings.score_model = segments.score_model
        and (
            (segments.rank > standings.held_rank and segments.rank <= standings.band_rank and standings.score - segments.lower_bound >= segments.enter_margin)
            or (segments.rank < standings.held_rank and segments.rank >= standings.band_rank and segments.upper_bound - standings.score >= segments.enter_margin)
        )
    where standings.is_moved_by_score and standings.has_dwelt
    group by standings.lead_id, standings.score_model, standings.band_rank, standings.held_rank

),

settled as (

    select
        standings.lead_id,
        standings.score_model,
        standings.held_segment as last_held_segment,
        standings.held_reason as last_held_reason,
        standings.entered_on as last_entered_on,
        standings.segment_reason,
        case
            when coalesce(standings.is_moved_by_score, false) then coalesce(moves.segment, standings.held_segment)
            else standings.segment
        end as held_segment
    from standings
    left join moves
        on standings.lead_id = moves.lead_id
        and standings.score_model = moves.score_model

),

final as (

    select
        lead_id,
        score_model,
        held_segment,
        case when held_segment = last_held_segment then last_held_reason else segment_reason end as held_reason,
        case when held_segment = last_held_segment then last_entered_on else {{ lead_scoring.as_of_date() }} end as entered_on
    from settled

)

select * from final
