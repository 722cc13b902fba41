-- Grain: fault. What is wrong with single cells (missing, unreadable, out of range), and rows whose key cells say the same.
{% set seeds = [
    'point_grid', 'point_grid_conditions', 'rule_groups', 'subscore_bounds', 'score_models', 'grade_scales', 'segments', 'next_actions', 'guards',
    'event_types', 'source_event_types', 'cross_source_duplicates', 'tagged_links', 'seasons', 'free_email_domains', 'internal_domains', 'profile_fields',
    'fields', 'operators', 'decays', 'kinds', 'words', 'audiences', 'audience_conditions', 'destinations', 'destination_lists', 'destination_fields',
    'destination_actions', 'suppressions', 'provider_limits',
] %}

with config_rows as (

    {%- for seed in seeds %}
        select
            '{{ seed }}' as seed,
            {{ lead_scoring.row_columns(seed) }},
            cell_faults
        from {{ ref('stg_config__' ~ seed) }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}

),

cells_split as (

    select
        file,
        score_model,
        rule_id,
        row_key,
        {{ lead_scoring.split_to_rows('cell_faults', ';') }} as cell_fault
    from config_rows
    where cell_faults is not null

),

cells_faulty as (

    select
        file,
        score_model,
        rule_id,
        row_key,
        {{ lead_scoring.trimmed(dbt.split_part('cell_fault', "':'", 1)) }} as column_name,
        {{ lead_scoring.trimmed('substring(cell_fault, ' ~ dbt.position("':'", 'cell_fault') ~ ' + 1)') }} as reason
    from cells_split

),

-- A row without a key is told as such; two of them are no duplicates. A preset and one's own seeds are one list.
rows_repeated as (

    select
        max(file) as file,  -- noqa: RF04
        score_model,
        rule_id,
        min(row_key) as row_key,
        cast(null as string) as column_name,
        case
            when count(distinct file) > 1 then 'stands in ' || min(file) || ' too'
            else 'stands in the file ' || cast(count(*) as string) || ' times'
        end as reason
    from config_rows
    where cell_faults is null or cell_faults not like '%is missing%'
    group by seed, score_model, rule_id, lower(row_key)
    having count(*) > 1

),

final as (

    select * from cells_faulty
    union all
    select * from rows_repeated

)

select * from final
