-- Grain: id of a call. What the tables of single events add to a call: the table tracks knows its name, not its properties. They are no events of their own.
{{ config(enabled='segment' in var('lead_scoring_sources')) }}

{% set columns = ['revenue', 'total', 'value', 'order_id', 'email', 'email_id', 'email_subject', 'campaign_name', 'link_url', 'form_id', 'form_name'] %}
with details as (

    {% for table in ['order_completed', 'form_submitted', 'email_delivered', 'email_opened', 'email_link_clicked'] %}
    select
        id,
        received_at,
        {{ columns | join(',\n        ') }},
        _raw_unreadable as unreadable_columns
    from {{ source('segment', table) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    {{ lead_scoring.latest_rows('details', 'id', columns + ['unreadable_columns'], loaded_at='received_at') }}

)

select * from final
