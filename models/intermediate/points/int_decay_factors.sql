-- Grain: decay, age in days. What is left of a point after that many days, to 12 places. Decay is arithmetic on this table and nowhere else.
with rules as (

    select * from {{ ref('int_rules') }}
    where decay_id is not null

),

ages as (

    select * from {{ ref('int_ages') }}

),

decays as (

    select distinct
        decay_id,
        decay,
        decay_days,
        decay_percent
    from rules

),

decays_aged as (

    select
        decays.decay_id,
        decays.decay,
        decays.decay_days,
        decays.decay_percent,
        ages.age,
        -- Whole periods passed; in ten-thousandths of a day, since a period may have a fraction.
        cast({{ lead_scoring.whole_quotient(
            'cast(ages.age as bigint) * 10000', 'cast(decays.decay_days * 10000 as bigint)'
        ) }} as int) as periods
    from decays
    cross join ages

),

final as (

    select
        decay_id,
        age,
        cast(
            case decay
                when 'half_life'
                    then cast(pow(cast(0.5 as double), cast(age as double) / cast(decay_days as double)) as decimal(13, 12))
                when 'linear'
                    then case when age < decay_days then {{ lead_scoring.divided('(decay_days - age)', 'decay_days') }} else 0 end
                when 'step'
                    then greatest(1 - decay_percent * periods * cast(0.01 as decimal(3, 2)), 0)
                when 'step_compound'
                    then cast(pow(cast(1 - decay_percent * cast(0.01 as decimal(3, 2)) as double), periods) as decimal(13, 12))
                when 'window'
                    then case when age < decay_days then 1 else 0 end
            end as decimal(13, 12)
        ) as factor
    from decays_aged

)

select * from final
