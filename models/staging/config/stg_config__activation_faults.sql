-- Grain: fault. Audiences, lists and suppressions that name what is not there, or nothing. Where the score model meant is none, that is told elsewhere.
with vocabulary as (

    select * from {{ ref('stg_config__vocabulary') }}

),

score_models as (

    select word as score_model
    from vocabulary
    where vocabulary = 'score_model'

),

default_score_models as (

    select max(score_model) as score_model
    from {{ ref('stg_config__score_models') }}
    where is_default
    having count(*) = 1

),

audiences as (

    select
        audiences.*,
        coalesce(audiences.score_model, default_score_models.score_model) as score_model_meant
    from {{ ref('stg_config__audiences') }} as audiences
    left join default_score_models on true

),

audience_conditions as (

    select * from {{ ref('stg_config__audience_conditions') }}

),

destination_lists as (

    select
        destination_lists.*,
        coalesce(destination_lists.score_model, default_score_models.score_model) as score_model_meant
    from {{ ref('stg_config__destination_lists') }} as destination_lists
    left join default_score_models on true

),

suppressions as (

    select * from {{ ref('stg_config__suppressions') }}

),

rules_unknown as (

    select
        audience_conditions.file,
        audience_conditions.row_key,
        {{ lead_scoring.rule_of_field('audience_conditions.field') }} as rule_id,
        audiences.score_model_meant
    from audience_conditions
    inner join audiences on audience_conditions.audience = audiences.audience
    inner join score_models on audiences.score_model_meant = score_models.score_model
    left join vocabulary
        on vocabulary.vocabulary = 'rule'
        and audiences.score_model_meant = vocabulary.place
        and {{ lead_scoring.rule_of_field('audience_conditions.field') }} = vocabulary.word
    where audience_conditions.field like 'days_since_rule._%'
        and vocabulary.word is null

),

lists_unknown as (

    select destination_lists.*
    from destination_lists
    left join score_models on destination_lists.score_model_meant = score_models.score_model
    left join vocabulary
        on destination_lists.source = vocabulary.vocabulary
        and destination_lists.name = vocabulary.word
        and case when destination_lists.source = 'segment' then destination_lists.score_model_meant else 'everywhere' end = vocabulary.place
    where destination_lists.source in ('segment', 'audience')
        and destination_lists.name is not null
        and (destination_lists.source = 'audience' or score_models.score_model is not null)
        and vocabulary.word is null

),

suppressions_unknown as (

    select suppressions.*
    from suppressions
    left join vocabulary
        on case suppressions.kind when 'event' then 'event_type' when 'excluded' then 'score_model' else 'suppression_trait' end = vocabulary.vocabulary
        and suppressions.name = vocabulary.word
    where suppressions.kind in ('event', 'trait', 'missing_trait', 'excluded')
        and suppressions.name is not null
        and vocabulary.word is null

),

final as (

    select
        {{ lead_scoring.fault('audiences', 'audience', "audience || ' has no row in audience_conditions.csv: everybody would be in it'") }}
    from audiences
    where audience not in (select audience_conditions.audience from audience_conditions where audience_conditions.audience is not null)
    union all
    select
        file,
        cast(null as string) as score_model,
        cast(null as string) as rule_id,
        row_key,
        'field' as column_name,
        rule_id || ' is no rule of the score model ' || score_model_meant as reason
    from rules_unknown
    union all
    select
        {{ lead_scoring.fault('destination_lists', 'name', "name || ' is no ' || source || case when source = 'segment' then ' of the score model ' || score_model_meant else '' end") }}
    from lists_unknown
    union all
    select
        {{ lead_scoring.fault('suppressions', 'name', "name || ' is no ' || case kind when 'event' then 'event type' when 'excluded' then 'score model' else 'trait that a suppression may look at' end") }}
    from suppressions_unknown
    union all
    select
        {{ lead_scoring.fault('suppressions', 'name', "'is missing: ' || kind || ' needs one'") }}
    from suppressions
    where kind in ('event', 'trait', 'missing_trait') and name is null
    union all
    select
        {{ lead_scoring.fault('suppressions', 'lifted_by', "'stands there, but only what an event started can be lifted by one'") }}
    from suppressions
    where kind <> 'event' and lifted_by is not null
    union all
    -- A 20 that means a fifth would be no brake at all.
    select
        {{ lead_scoring.fault('destinations', 'max_share', lead_scoring.shown_number('max_share') ~ " || ' is no share: 0.2 is a fifth'") }}
    from {{ ref('stg_config__destinations') }}
    where max_share > 1

)

select * from final
