-- Grain: vocabulary, score model, word. Every name that a cell of the configuration may refer to; of a score model where it exists inside one only.
with words as (

    select * from {{ ref('stg_config__words') }}

),

fields as (

    select * from {{ ref('stg_config__fields') }}

),

names as (

    select vocabulary, cast(null as string) as score_model, word from words
    union all
    select 'kind', null, kind from {{ ref('stg_config__kinds') }}
    union all
    select 'operator', null, operator from {{ ref('stg_config__operators') }}
    union all
    select 'decay', null, decay from {{ ref('stg_config__decays') }}
    union all
    select 'event_type', null, event_type from {{ ref('stg_config__event_types') }}
    union all
    select scope || '_field', null, field from fields
    union all
    select 'count_once_per', null, field from fields where scope = 'event'
    union all
    select 'profile_field', null, field from fields where origin = 'contact'
    union all
    select 'score_model', null, score_model from {{ ref('stg_config__score_models') }}
    union all
    select 'rule_group', score_model, rule_group from {{ ref('stg_config__rule_groups') }}
    union all
    select 'segment', score_model, segment from {{ ref('stg_config__segments') }}
    union all
    select 'rule', score_model, rule_id from {{ ref('stg_config__point_grid') }}

),

final as (

    select distinct
        vocabulary,
        score_model,
        word
    from names
    where word is not null

)

select * from final
