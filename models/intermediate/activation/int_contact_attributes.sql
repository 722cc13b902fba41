-- Grain: destination, lead, attribute. What stands in the attributes of a destination's contacts, as JSON.
{{ config(materialized='view') }}

{% set texts = {
    'grade': 'scores.grade', 'segment': 'held_segments.held_segment', 'segment_label': 'segments.label', 'entered_on': 'held_segments.entered_on',
    'temperature': 'segments.temperature', 'stage': 'scores.stage', 'trend': 'scores.trend', 'top_reasons': 'scores.top_reasons',
    'last_activity_on': 'leads.last_activity_on', 'lead_id': 'leads.lead_id', 'first_name': 'leads.first_name', 'last_name': 'leads.last_name',
    'company': 'leads.company', 'job_title': 'leads.job_title', 'phone': 'leads.phone', 'city': 'leads.city', 'country': 'leads.country', 'owner': 'leads.owner',
    'cools_down_on': 'cooling_dates.cools_down_on',
} %}
{% set others = {
    'score': 'scores.score', 'score_7d_ago': 'scores.score_7d_ago', 'score_rank': 'scores.score_rank', 'is_archived': 'contacts_desired.is_archived',
} %}

with contacts_desired as (

    select * from {{ ref('int_contacts_desired') }}

),

destination_fields as (

    select
        destination_fields.destination,
        destination_fields.attribute,
        destination_fields.field,
        coalesce(destination_fields.score_model, default_score_models.score_model) as score_model
    from {{ ref('stg_config__destination_fields') }} as destination_fields
    left join {{ ref('stg_config__score_models') }} as default_score_models on default_score_models.is_default

),

leads as (

    select * from {{ ref('dim_leads') }}

),

scores as (

    select * from {{ ref('fct_lead_scores') }}

),

held_segments as (

    select * from {{ ref('int_held_segments') }}

),

cooling_dates as (

    select * from {{ ref('int_cooling_dates') }}

),

segments as (

    select * from {{ ref('stg_config__segments') }}

),

final as (

    select
        contacts_desired.destination,
        contacts_desired.lead_id,
        destination_fields.attribute,
        coalesce(
            case destination_fields.field
                {%- for field, value in texts.items() %}
                when '{{ field }}' then {{ lead_scoring.json_string('cast(' ~ value ~ ' as string)') }}
                {%- endfor %}
                {%- for field, value in others.items() %}
                when '{{ field }}' then cast({{ value }} as string)
                {%- endfor %}
            end,
            'null'
        ) as value_json
    from contacts_desired
    inner join destination_fields on contacts_desired.destination = destination_fields.destination
    inner join leads on contacts_desired.lead_id = leads.lead_id
    left join scores
        on contacts_desired.lead_id = scores.lead_id
        and destination_fields.score_model = scores.score_model
    left join held_segments
        on contacts_desired.lead_id = held_segments.lead_id
        and destination_fields.score_model = held_segments.score_model
    left join cooling_dates
        on contacts_desired.lead_id = cooling_dates.lead_id
        and destination_fields.score_model = cooling_dates.score_model
    left join segments
        on held_segments.score_model = segments.score_model
        and held_segments.held_segment = segments.segment

)

select * from final
