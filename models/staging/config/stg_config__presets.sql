-- Grain: preset. The score models that the package ships beside the user's own: the names that the var lead_scoring_presets may hold.
-- Their rows reach scoring through stg_config__score_models and its neighbours, and only those of the presets that are on.
with source as (

    select
        {{ lead_scoring.trimmed('cast(score_model as string)') }} as preset,
        {{ lead_scoring.trimmed('cast(label as string)') }} as label,
        {{ lead_scoring.is_preset_on('score_model') }} as is_on
    from {{ lead_scoring.config_relation('preset_score_models') }}

),

final as (

    select distinct
        preset,
        label,
        is_on
    from source
    where preset is not null

)

select * from final
