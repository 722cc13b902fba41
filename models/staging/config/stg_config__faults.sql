-- Grain: fault. Every contradiction of the configuration. A test on it stops the build before any score changes.
with faults as (

    select * from {{ ref('stg_config__cell_faults') }}
    union all
    select * from {{ ref('stg_config__reference_faults') }}
    union all
    select * from {{ ref('stg_config__condition_faults') }}
    union all
    select * from {{ ref('stg_config__rule_faults') }}
    union all
    select * from {{ ref('stg_config__scale_faults') }}
    union all
    select * from {{ ref('stg_config__model_faults') }}
    union all
    select * from {{ ref('stg_config__source_faults') }}
    union all
    select * from {{ ref('stg_config__activation_faults') }}

),

final as (

    select distinct
        file,
        score_model,
        rule_id,
        row_key,
        column_name,
        reason
    from faults

)

select * from final
