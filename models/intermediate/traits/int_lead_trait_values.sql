-- Grain: lead, scored date, trait that a rule names. The traits in the long form that conditions meet; the others stay where they are.
{% set fields = lead_scoring.trait_fields() %}

with lead_traits as (

    select * from {{ ref('int_lead_traits') }}

),

lead_cycles as (

    select * from {{ ref('int_lead_cycles') }}

),

rule_conditions as (

    select * from {{ ref('int_rule_conditions') }}
    where scope = 'trait'

),

fields_named as (

    select distinct
        field,
        data_type
    from rule_conditions

),

values_listed as (

    select
        lead_traits.lead_id,
        lead_traits.scored_on,
        fields_named.field,
        fields_named.data_type,
        case fields_named.field
            {%- for field, data_type in fields.items() %}
            when '{{ field }}' then cast({{ lead_scoring.local_date('lead_traits.' ~ field) if data_type == 'timestamp' else 'lead_traits.' ~ field }} as string)
            {%- endfor %}
        end as value_text,
        case fields_named.field
            {%- for field, data_type in fields.items() if data_type == 'double' %}
            when '{{ field }}' then cast(lead_traits.{{ field }} as double)
            {%- endfor %}
        end as value_number
    from lead_traits
    cross join fields_named
    where fields_named.field not like 'is_lapsed:%'

),

lapses_listed as (

    select
        lead_traits.lead_id,
        lead_traits.scored_on,
        fields_named.field,
        fields_named.data_type,
        case when lead_cycles.is_lapsed then 'true' else 'false' end as value_text,
        cast(null as double) as value_number
    from lead_traits
    inner join fields_named on fields_named.field like 'is_lapsed:%'
    left join lead_cycles
        on lead_traits.lead_id = lead_cycles.lead_id
        and lead_traits.scored_on = lead_cycles.scored_on
        and fields_named.field = 'is_lapsed:' || lead_cycles.score_model

),

values_united as (

    select lead_id, scored_on, field, data_type, value_text, value_number from values_listed
    union all
    select lead_id, scored_on, field, data_type, value_text, value_number from lapses_listed

),

final as (

    select
        lead_id,
        scored_on,
        field,
        data_type,
        value_text,
        value_number,
        md5(coalesce('=' || value_text, '')) as value_id
    from values_united

)

select * from final
