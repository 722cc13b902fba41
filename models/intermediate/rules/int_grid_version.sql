-- Grain: one row. The hash of all that scores: two runs with equal hashes scored with the same rules.
{% set seeds = [
    'point_grid', 'point_grid_conditions', 'rule_groups', 'subscore_bounds', 'score_models', 'grade_scales', 'segments', 'event_types', 'source_event_types',
    'cross_source_duplicates', 'tagged_links', 'seasons',
    'free_email_domains', 'internal_domains', 'profile_fields',
] %}

with scored_dates as (

    select * from {{ ref('int_scored_dates') }}

),

seed_rows as (

    {%- for seed in seeds %}
    select '{{ seed }}' as seed, md5({{ lead_scoring.row_text('seed_row') }}) as row_hash
    from {{ ref('stg_config__' ~ seed) }} as seed_row
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select md5({{ lead_scoring.joined_in_order("seed || ':' || row_hash", ',') }}) as grid_version
    from seed_rows
    where exists (select 1 from scored_dates)

)

select * from final
