-- Grain: matcher of events, as the state was made with it. The next run makes day buckets for the others only.
{{ config(tags=['state']) }}
-- depends_on: {{ ref('int_daily_matches') }}

with matchers as (

    select * from {{ ref('int_matchers') }}
    where scope = 'event'

),

final as (

    select match_id
    from matchers

)

select * from final
