-- Grain: manual adjustment of a lead. What sales added or took, by whom and until when.
with rows_delivered as (

    {{ lead_scoring.union_sources('adjustments') }}

),

lead_aliases as (

    select * from {{ ref('int_lead_aliases') }}

),

erased_leads as (

    select * from {{ ref('int_erased_leads') }}

),

score_models as (

    select * from {{ ref('stg_config__score_models') }}

),

{% set columns = lead_scoring.canonical_columns('adjustments').keys() | reject('in', ['email', 'adjustment_id', 'loaded_at']) | list %}
emails_normalised as (

    select
        source,
        adjustment_id,
        loaded_at,
        {{ lead_scoring.normalised_email('email') }} as email,
        {{ columns | join(',\n        ') }}
    from rows_delivered
    where adjustment_id is not null and loaded_at is not null

),

versions_ranked as (

    select
        *,
        row_number() over (
            partition by adjustment_id
            order by {{ lead_scoring.total_order(['loaded_at', 'email'] + columns + ['source'], 'desc') }}
        ) as version_rank
    from emails_normalised

),

resolved as (

    select
        coalesce(lead_aliases.lead_id, {{ lead_scoring.alias_id('versions_ranked') }}) as lead_id,
        versions_ranked.adjustment_id,
        versions_ranked.score_model,
        versions_ranked.points,
        versions_ranked.reason,
        versions_ranked.author,
        versions_ranked.effective_on,
        versions_ranked.expires_on
    from versions_ranked
    left join lead_aliases on {{ lead_scoring.alias_id('versions_ranked') }} = lead_aliases.alias_id
    where versions_ranked.version_rank = 1

),

final as (

    select
        resolved.lead_id,
        resolved.adjustment_id,
        score_models.score_model,
        resolved.points,
        resolved.reason,
        resolved.author,
        resolved.effective_on,
        resolved.expires_on
    from resolved
    inner join score_models on {{ lead_scoring.comparable('resolved.score_model') }} = {{ lead_scoring.comparable('score_models.score_model') }}
    where resolved.lead_id is not null
        and resolved.points is not null
        and resolved.effective_on is not null
        and not exists (select 1 from erased_leads where erased_leads.lead_id = resolved.lead_id)

)

select * from final
