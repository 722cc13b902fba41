-- Grain: event type of which the rules look at other fields than in the run before: its events need new signatures. Empty when everything is made anew.
with event_type_fields as (

    select * from {{ ref('int_event_type_fields') }}

),

{% if lead_scoring.is_day_run() -%}
signatures_left as (

    select distinct
        event_type,
        fields_id
    from {{ lead_scoring.as_left('int_event_signatures') }}

),

{% endif -%}
final as (

    {% if lead_scoring.is_day_run() -%}
    select signatures_left.event_type
    from signatures_left
    left join event_type_fields on signatures_left.event_type = event_type_fields.event_type
    where signatures_left.fields_id <> coalesce(event_type_fields.fields_id, '')
    {%- else -%}
    select event_type
    from event_type_fields
    where 1 = 0
    {%- endif %}

)

select * from final
