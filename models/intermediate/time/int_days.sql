-- Grain: day. The calendar that MetricFlow joins to: the ten years up to the as_of_date, without a gap. Nothing that scores reads it.
{{ config(materialized='view') }}

with numbered as (

    {{ dbt.generate_series(3653) }}

),

final as (

    select {{ lead_scoring.days_after(lead_scoring.as_of_date(), '1 - cast(numbered.generated_number as int)') }} as day_on
    from numbered

)

select * from final
