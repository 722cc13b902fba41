-- A row of Letsignit's export that cannot be read, or that has no day, is in no report. It warns instead of failing: one bad line of an export is no reason
-- to stop scoring.
{{ config(enabled='letsignit' in var('lead_scoring_sources'), severity='warn') }}

select
    raw_file,
    raw_row,
    raw_text,
    rejection_reason
from {{ ref('stg_letsignit__signature_clicks') }}
where rejection_reason is not null
