-- Grain: guard, source or score model. What a run looks at before it is published: each figure, its limits, and what follows from them.
{% set limits = ['warn_below', 'warn_above', 'stop_below', 'stop_above'] %}

with guards as (

    select * from {{ ref('stg_config__guards') }}

),

figures as (

    select * from {{ ref('int_source_guards') }}
    union all
    select * from {{ ref('int_score_guards') }}

),

-- A row of limits for the source or score model goes before the one for all.
limited as (

    select
        figures.guard,
        figures.subject,
        cast(figures.figure as decimal(18, 6)) as figure,
        {%- for limit in limits %}
        case when own_guards.guard is null then guards.{{ limit }} else own_guards.{{ limit }} end as {{ limit }}{{ ',' if not loop.last }}
        {%- endfor %}
    from figures
    left join guards
        on figures.guard = guards.guard
        and guards.subject is null
    left join guards as own_guards
        on figures.guard = own_guards.guard
        and lower(figures.subject) = own_guards.subject

),

final as (

    select
        guard,
        subject,
        {{ lead_scoring.as_of_date() }} as as_of_date,
        figure,
        case
            when figure < stop_below or figure > stop_above then 'stop'
            when figure < warn_below or figure > warn_above then 'warn'
            else 'ok'
        end as status,
        {{ limits | join(',\n        ') }}
    from limited

)

select * from final
