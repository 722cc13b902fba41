-- Grain: scope, field, value. The distinct values that conditions have to be held against, of events and of leads.
with signature_values as (

    select * from {{ ref('int_signature_values') }}

),

trait_values as (

    select * from {{ ref('int_lead_trait_values') }}

),

final as (

    select
        'event' as scope,
        field,
        value_id,
        min(data_type) as data_type,
        min(value_text) as value_text,
        {{ lead_scoring.comparable('min(value_text)') }} as comparable_text,
        case
            when min(data_type) = 'number' then min(value_number)
            else {{ lead_scoring.text_to_double(lead_scoring.trimmed('min(value_text)'), allows_exponent=false) }}
        end as value_number,
        cast(null as date) as value_date
    from signature_values
    group by field, value_id
    union all
    select
        'trait' as scope,
        field,
        value_id,
        min(data_type) as data_type,
        min(value_text) as value_text,
        {{ lead_scoring.comparable('min(value_text)') }} as comparable_text,
        case
            when min(data_type) = 'number' then min(value_number)
            else {{ lead_scoring.text_to_double(lead_scoring.trimmed('min(value_text)'), allows_exponent=false) }}
        end as value_number,
        case when min(data_type) = 'date' then {{ lead_scoring.text_to_date('min(value_text)') }} end as value_date
    from trait_values
    group by field, value_id

)

select * from final
