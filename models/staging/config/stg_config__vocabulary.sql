-- Grain: vocabulary, place, word. Every name that a cell of the configuration may refer to, and the score model inside which it exists, or everywhere.
with words as (

    select * from {{ ref('stg_config__words') }}

),

fields as (

    select * from {{ ref('stg_config__fields') }}

),

names as (

    select vocabulary, 'everywhere' as place, word from words
    union all
    select 'kind', 'everywhere', kind from {{ ref('stg_config__kinds') }}
    union all
    select 'operator', 'everywhere', operator from {{ ref('stg_config__operators') }}
    union all
    select 'decay', 'everywhere', decay from {{ ref('stg_config__decays') }}
    union all
    select 'event_type', 'everywhere', event_type from {{ ref('stg_config__event_types') }}
    union all
    select scope || '_field', 'everywhere', field from fields
    union all
    select 'count_once_per', 'everywhere', field from fields where scope = 'event'
    union all
    select 'profile_field', 'everywhere', field from fields where origin = 'contact'
    union all
    select 'score_model', 'everywhere', score_model from {{ ref('stg_config__score_models') }}
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
        place,
        word
    from names
    where place is not null and word is not null

)

select * from final
