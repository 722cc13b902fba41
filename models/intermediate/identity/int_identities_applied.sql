-- Grain: statement about who is who, as the state was made with it. The next run compares with it.
{{ config(tags=['state']) }}
-- depends_on: {{ ref('int_daily_matches') }}

with identities as (

    select * from {{ ref('int_identities') }}

)

select * from identities
