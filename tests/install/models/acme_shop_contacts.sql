-- Grain: customer of Acme's shop. Written out instead of by canonical_rows: null_columns names what is not there.
select
    customer as contact_id,
    customer as email,
    staff as employee_count,
    since as created_at,
    since as updated_at,
    since as loaded_at,
    {{ lead_scoring.null_columns('contacts', [
        'anonymous_id', 'first_name', 'last_name', 'company', 'company_domain', 'job_title', 'seniority', 'department', 'industry', 'country', 'city',
        'annual_revenue', 'lead_source', 'persona', 'phone', 'age', 'cycle_months', 'is_email_opted_out', 'has_marketing_consent', 'consented_at', 'owner',
        'lifecycle_stage', 'enriched_at',
    ]) }}
from {{ ref('acme_shop_customers') }}
