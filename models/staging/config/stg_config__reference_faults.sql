-- Grain: fault. Names that nothing bears: words outside their vocabulary, and score models, rules, groups, segments and event types that do not exist.
{% set references = [
    ('point_grid', 'score_model', 'score_model'),
    ('point_grid', 'subscore', 'subscore'),
    ('point_grid', 'rule_group', 'rule_group'),
    ('point_grid', 'stage', 'stage'),
    ('point_grid', 'kind', 'kind'),
    ('point_grid', 'event_type', 'event_type'),
    ('point_grid', 'operator', 'operator'),
    ('point_grid', 'decay', 'decay'),
    ('point_grid', 'decay_from', 'decay_from'),
    ('point_grid', 'count_once_per', 'count_once_per'),
    ('point_grid', 'target_segment', 'segment'),
    ('point_grid_conditions', 'score_model', 'score_model'),
    ('point_grid_conditions', 'rule_id', 'rule'),
    ('point_grid_conditions', 'operator', 'operator'),
    ('rule_groups', 'score_model', 'score_model'),
    ('rule_groups', 'subscore', 'subscore'),
    ('rule_groups', 'combine', 'combine'),
    ('subscore_bounds', 'score_model', 'score_model'),
    ('subscore_bounds', 'subscore', 'subscore'),
    ('score_models', 'normalisation', 'normalisation'),
    ('score_models', 'points_scaling', 'points_scaling'),
    ('grade_scales', 'score_model', 'score_model'),
    ('grade_scales', 'axis', 'axis'),
    ('segments', 'score_model', 'score_model'),
    ('segments', 'temperature', 'temperature'),
    ('next_actions', 'score_model', 'score_model'),
    ('next_actions', 'segment', 'segment'),
    ('next_actions', 'trend', 'trend'),
    ('guards', 'guard', 'guard'),
    ('source_event_types', 'event_type', 'event_type'),
    ('cross_source_duplicates', 'event_types', 'event_type'),
    ('tagged_links', 'event_type', 'event_type'),
    ('profile_fields', 'field', 'profile_field'),
    ('audiences', 'score_model', 'score_model'),
    ('audience_conditions', 'audience', 'audience'),
    ('audience_conditions', 'operator', 'operator'),
    ('destinations', 'provider', 'provider'),
    ('destinations', 'contacts', 'contacts'),
    ('destination_lists', 'destination', 'destination'),
    ('destination_lists', 'source', 'list_source'),
    ('destination_lists', 'score_model', 'score_model'),
    ('destination_lists', 'mode', 'mode'),
    ('destination_fields', 'destination', 'destination'),
    ('destination_fields', 'field', 'payload_field'),
    ('destination_fields', 'score_model', 'score_model'),
    ('destination_actions', 'destination', 'destination'),
    ('suppressions', 'kind', 'suppression_kind'),
    ('suppressions', 'lifted_by', 'event_type'),
    ('provider_limits', 'operation', 'provider_operation'),
] %}
{% set lists = [('point_grid', 'event_type'), ('cross_source_duplicates', 'event_types'), ('suppressions', 'lifted_by')] %}
{% set cell = 'names_to_tell.file, names_to_tell.score_model, names_to_tell.rule_id, names_to_tell.row_key, names_to_tell.column_name, names_to_tell.name_used' %}

with vocabulary as (

    select * from {{ ref('stg_config__vocabulary') }}

),

names_used as (

    {%- for seed, column, vocabulary in references %}
        select
            {{ lead_scoring.row_columns(seed) }},
            '{{ column }}' as column_name,
            '{{ vocabulary }}' as vocabulary,
            {{ column }} as name_used,
            {{ 'true' if (seed, column) in lists else 'false' }} as is_list
        from {{ ref('stg_config__' ~ seed) }}
        where {{ column }} is not null
        union all
    {%- endfor %}
    {%- for name in lead_scoring.presets_named() if lead_scoring.presets_named() != 'all' %}
        select
            'the var lead_scoring_presets' as file,
            cast(null as string) as score_model,
            cast(null as string) as rule_id,
            cast(null as string) as row_key,
            cast(null as string) as column_name,
            'preset' as vocabulary,
            {{ dbt.string_literal(dbt.escape_single_quotes(name)) }} as name_used,
            false as is_list
        union all
    {%- endfor %}
    select
        {{ lead_scoring.row_columns('point_grid') }},
        'field' as column_name,
        scope || '_field' as vocabulary,
        field as name_used,
        false as is_list
    from {{ ref('stg_config__conditions') }}
    where field is not null

),

names_split as (

    select
        file,
        score_model,
        rule_id,
        row_key,
        column_name,
        vocabulary,
        name_used
    from names_used
    where not is_list
    union all
    select
        file,
        score_model,
        rule_id,
        row_key,
        column_name,
        vocabulary,
        {{ lead_scoring.trimmed(lead_scoring.split_to_rows('name_used', '|')) }} as name_used
    from names_used
    where is_list

),

-- Groups, segments and rules are names inside a score model, all others are names everywhere.
names_placed as (

    select
        file,
        score_model,
        rule_id,
        row_key,
        column_name,
        vocabulary,
        name_used,
        case when vocabulary in ('rule_group', 'segment', 'rule') then score_model else 'everywhere' end as place,
        case
            when {{ lead_scoring.matches_regex('name_used', "'^properties[.][\\pL\\pN_.:-]([\\pL\\pN_.: -]*[\\pL\\pN_.:-])?$'") }} then 'properties.<key>'
            when name_used like 'days_since_rule._%' then 'days_since_rule.<rule_id>'
            else name_used
        end as word
    from names_split

),

names_unknown as (

    select names_placed.*
    from names_placed
    left join vocabulary
        on names_placed.vocabulary = vocabulary.vocabulary
        and names_placed.place = vocabulary.place
        and names_placed.word = vocabulary.word
    where vocabulary.word is null

),

places as (

    select 'everywhere' as place
    union all
    select word as place
    from vocabulary
    where vocabulary = 'score_model'

),

-- What is missing inside a score model that does not exist itself is not told twice.
names_to_tell as (

    select names_unknown.*
    from names_unknown
    inner join places on names_unknown.place = places.place

),

names_ranked as (

    select
        names_to_tell.file,
        names_to_tell.score_model,
        names_to_tell.rule_id,
        names_to_tell.row_key,
        names_to_tell.column_name,
        names_to_tell.vocabulary,
        names_to_tell.name_used,
        vocabulary.word,
        count(vocabulary.word) over (partition by {{ cell }}) as word_count,
        row_number() over (
            partition by {{ cell }}
            order by {{ lead_scoring.edit_distance('names_to_tell.name_used', 'vocabulary.word') }}, vocabulary.word
        ) as nearness
    from names_to_tell
    left join vocabulary
        on names_to_tell.vocabulary = vocabulary.vocabulary
        and names_to_tell.place = vocabulary.place

),

final as (

    select
        file,
        score_model,
        rule_id,
        row_key,
        column_name,
        case
            when name_used = '' then 'has an empty item between its |'
            else
                name_used || ' is no ' || replace(vocabulary, '_', ' ')
                || coalesce(case when word_count > 8 then '; the nearest is ' else '; there is ' end || {{ lead_scoring.joined_in_order('word', ', ', 'nearness') }}, '')
        end as reason
    from names_ranked
    where nearness = 1 or word_count <= 8
    group by file, score_model, rule_id, row_key, column_name, vocabulary, name_used, word_count

)

select * from final
