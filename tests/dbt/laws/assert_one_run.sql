-- The law: what is published together was scored together, in one run, with one grid, for one date. A table that was left half old would be two.
with counts as (

    select
        count(distinct run_id) as run_count,
        count(distinct grid_version) as grid_version_count,
        count(distinct as_of_date) as date_count
    from {{ ref('fct_lead_scores') }}

)

select *
from counts
where run_count > 1
    or grid_version_count > 1
    or date_count > 1
