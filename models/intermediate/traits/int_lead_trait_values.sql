-- Grain: lead, stretch of scored dates, trait that a rule names. The traits in the long form that conditions meet; the others stay where they are.
{{ config(materialized='view') }}

{% set behaviours = [
    'email_open_rate', 'email_click_rate', 'clicked_last_3_emails', 'session_count', 'bounce_rate', 'avg_session_seconds', 'pages_per_session',
    'page_view_count', 'distinct_page_count', 'form_submission_count', 'order_count', 'days_since_last_activity', 'days_since_last_order',
] %}

with rule_conditions as (

    select * from {{ ref('int_rule_conditions') }}
    where scope = 'trait'

),

fields_named as (

    select distinct
        field,
        data_type
    from rule_conditions

),

lead_days as (

    select * from {{ ref('int_lead_days') }}

),

lead_cycles as (

    select * from {{ ref('int_lead_cycles') }}

),

-- Each trait is one column of a table: what no rule names is not read.
values_listed as (

    {%- for field, data_type in lead_scoring.trait_fields().items() %}
    select
        traits.lead_id,
        traits.{{ 'scored_on as held_from_on' if field in behaviours else 'held_from_on' }},
        traits.{{ 'scored_on as held_until_on' if field in behaviours else 'held_until_on' }},
        fields_named.field,
        fields_named.data_type,
        cast({{ lead_scoring.local_date('traits.' ~ field) if data_type == 'timestamp' else 'traits.' ~ field }} as string) as value_text,
        cast({{ 'traits.' ~ field if data_type == 'double' else 'null' }} as double) as value_number
    from {{ ref('int_lead_behaviours') if field in behaviours else ref('int_lead_profiles') }} as traits
    inner join fields_named on fields_named.field = '{{ field }}'
    union all
    {%- endfor %}
    select
        lead_days.lead_id,
        lead_days.scored_on as held_from_on,
        lead_days.scored_on as held_until_on,
        fields_named.field,
        fields_named.data_type,
        case when lead_cycles.is_lapsed then 'true' else 'false' end as value_text,
        cast(null as double) as value_number
    from lead_days
    inner join fields_named on fields_named.field like 'is_lapsed:%'
    left join lead_cycles
        on lead_days.lead_id = lead_cycles.lead_id
        and lead_days.scored_on = lead_cycles.scored_on
        and fields_named.field = 'is_lapsed:' || lead_cycles.score_model

),

final as (

    select
        lead_id,
        held_from_on,
        held_until_on,
        field,
        data_type,
        value_text,
        value_number,
        coalesce('=' || value_text, '') as value_id
    from values_listed

)

select * from final
