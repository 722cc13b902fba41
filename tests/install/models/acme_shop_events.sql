-- Grain: thing that happened in Acme's shop. A source of one's own without any staging folder: the columns by their canonical names; what the shop does not have
-- is left out. dbt_project.yml names this model in lead_scoring_own_models.
with shop_log as (

    select * from {{ ref('acme_shop_log') }}

)

{{ lead_scoring.canonical_rows('events', 'shop_log', {
    'event_id': 'log_id',
    'event_type': "case action when 'view' then 'page_viewed' when 'order' then 'order_completed' else action end",
    'is_out_of_scope': "action = 'heartbeat'",
    'occurred_at': 'logged_at',
    'loaded_at': 'logged_at',
    'email': 'customer',
    'page_path': 'path',
    'amount': 'total',
}) }}
