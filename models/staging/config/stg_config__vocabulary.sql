-- Grain: vocabulary, place, word. Every name that a cell of the configuration may refer to, and the score model inside which it exists, or everywhere.
{% set names = [
    ('words', 'vocabulary', "'everywhere'", 'word', 'true'),
    ('kinds', "'kind'", "'everywhere'", 'kind', 'true'),
    ('operators', "'operator'", "'everywhere'", 'operator', 'true'),
    ('decays', "'decay'", "'everywhere'", 'decay', 'true'),
    ('event_types', "'event_type'", "'everywhere'", 'event_type', 'true'),
    ('fields', "scope || '_field'", "'everywhere'", 'field', 'true'),
    ('fields', "'count_once_per'", "'everywhere'", 'field', "scope = 'event'"),
    ('fields', "'profile_field'", "'everywhere'", 'field', "origin = 'contact'"),
    ('fields', "'audience_field'", "'everywhere'", 'field', "scope in ('trait', 'score')"),
    ('presets', "'preset'", "'everywhere'", 'preset', 'true'),
    ('score_models', "'score_model'", "'everywhere'", 'score_model', 'true'),
    ('rule_groups', "'rule_group'", 'score_model', 'rule_group', 'true'),
    ('segments', "'segment'", 'score_model', 'segment', 'true'),
    ('point_grid', "'rule'", 'score_model', 'rule_id', 'true'),
    ('audiences', "'audience'", "'everywhere'", 'audience', 'true'),
    ('destinations', "'destination'", "'everywhere'", 'destination', 'true'),
    ('provider_limits', "'provider'", "'everywhere'", 'provider', 'true'),
] %}

with names as (

    {%- for seed, vocabulary, place, word, condition in names %}
        select
            {{ vocabulary }} as vocabulary,
            {{ place }} as place,
            {{ word }} as word
        from {{ ref('stg_config__' ~ seed) }}
        where {{ condition }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select distinct
        vocabulary,
        place,
        word
    from names
    where place is not null and word is not null

)

select * from final
