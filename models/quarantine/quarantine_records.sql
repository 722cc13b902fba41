-- Grain: row of any other table that could not be used, whole or in part. The row as it came and why; personal data, never published.
{{ config(alias='records') }}

with contact_rows as (

    select * from {{ ref('int_contacts_classified') }}

),

contact_aliases as (

    select * from {{ ref('int_lead_aliases') }}

),

erased_leads as (

    select * from {{ ref('int_erased_leads') }}

),

score_models as (

    select * from {{ ref('stg_config__score_models') }}

),

rejected_lines as (

    select * from {{ ref('int_rejected_lines') }}
    where kind = 'records'

),

records_checked as (

    select
        source, email, contact_id, raw_table, raw_file, raw_row, raw_text, loaded_at,
        -- A contact of which one field cannot be read is used without that field.
        coalesce(rejection_reason, 'unreadable_' || unreadable_columns) as reason
    from contact_rows
    union all
    select
        source, cast(null as string) as email, cast(null as string) as contact_id, raw_table, raw_file, raw_row, raw_text, loaded_at,
        case
            when company_domain is null then 'missing_company_domain'
            when updated_at is null then 'missing_updated_at'
            when loaded_at is null then 'missing_loaded_at'
            else 'unreadable_' || {{ lead_scoring.and_infinite('unreadable_columns', 'annual_revenue') }}
        end as reason
    from ({{ lead_scoring.union_sources('accounts') }}) as account_rows
    union all
    select
        source, cast(null as string) as email, contact_id, raw_table, raw_file, raw_row, raw_text, loaded_at,
        case
            when contact_id is null then 'missing_contact_id'
            when merged_into_contact_id is null then 'missing_merged_into_contact_id'
            when occurred_at is null then 'missing_occurred_at'
            when loaded_at is null then 'missing_loaded_at'
        end as reason
    from ({{ lead_scoring.union_sources('identity_links') }}) as link_rows
    union all
    select
        source, {{ lead_scoring.normalised_email('email') }} as email, contact_id, raw_table, raw_file, raw_row, raw_text, loaded_at,
        case
            when adjustment_id is null then 'missing_adjustment_id'
            when coalesce(email, contact_id) is null then 'no_identity'
            when points is null then 'missing_points'
            when effective_on is null then 'missing_effective_on'
            when loaded_at is null then 'missing_loaded_at'
            when not exists (select 1 from score_models where {{ lead_scoring.comparable('score_models.score_model') }} = {{ lead_scoring.comparable('adjustment_rows.score_model') }}) then 'unknown_score_model'
            else 'unreadable_' || unreadable_columns
        end as reason
    from ({{ lead_scoring.union_sources('adjustments') }}) as adjustment_rows
    union all
    select
        source, {{ lead_scoring.normalised_email('email') }} as email, contact_id, raw_table, raw_file, raw_row, raw_text, loaded_at,
        case
            when outcome_id is null then 'missing_outcome_id'
            when outcome is null then 'missing_outcome'
            when coalesce(email, contact_id) is null then 'no_identity'
            when occurred_at is null then 'missing_occurred_at'
            when loaded_at is null then 'missing_loaded_at'
            when {{ lead_scoring.comparable('outcome') }} not in ('won', 'lost', 'accepted', 'rejected', 'contacted', 'meeting') then 'unknown_outcome'
            when unreadable_columns is not null then 'unreadable_' || unreadable_columns
            -- Used without its amount. Not a number compares as larger than any number.
            when abs(amount) >= 1e12 then 'impossible_number'
        end as reason
    from ({{ lead_scoring.union_sources('outcomes') }}) as outcome_rows
    union all
    select
        source, cast(null as string) as email, cast(null as string) as contact_id, raw_table, raw_file, raw_row, raw_text, loaded_at,
        'no_identity' as reason
    from ({{ lead_scoring.union_sources('erasures') }}) as erasure_rows
    where coalesce(email, contact_id) is null

),

records_rejected as (

    select
        records_checked.*,
        coalesce(contact_aliases.lead_id, {{ lead_scoring.alias_id('records_checked') }}) as lead_id
    from records_checked
    left join contact_aliases on {{ lead_scoring.alias_id('records_checked') }} = contact_aliases.alias_id
    where records_checked.reason is not null

),

final as (

    select source, raw_table, raw_file, raw_row, raw_text, reason, loaded_at
    from records_rejected
    where not exists (select 1 from erased_leads where erased_leads.lead_id = records_rejected.lead_id)
    union all
    select source, raw_table, raw_file, raw_row, raw_text, rejection_reason as reason, cast(null as timestamp) as loaded_at
    from rejected_lines

)

select * from final
