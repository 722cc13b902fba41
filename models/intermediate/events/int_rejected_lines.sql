-- Grain: line of a text file that is no row. Of all sources that are on and have files, with the kind of table it belongs to.
{{ config(materialized='view') }}

with lines_rejected as (

    {% for source_name in var('lead_scoring_sources') if lead_scoring.has_raw_tables(source_name) %}
    select
        '{{ source_name }}' as source,
        raw_table,
        case when raw_table in ('{{ (var("lead_scoring_event_tables").get(source_name) or ["events"]) | join("', '") }}') then 'events' else 'records' end as kind,
        raw_file,
        raw_row,
        raw_text,
        rejection_reason
    from {{ source(source_name, '_rejected_lines') }}
    union all
    {% endfor %}
    select
        cast(null as string) as source,
        cast(null as string) as raw_table,
        cast(null as string) as kind,
        cast(null as string) as raw_file,
        cast(null as bigint) as raw_row,
        cast(null as string) as raw_text,
        cast(null as string) as rejection_reason
    where 1 = 0

),

requests_delivered as (

    {{ lead_scoring.union_sources('erasures') }}

),

emails_erased as (

    select distinct {{ lead_scoring.normalised_email('email') }} as email
    from requests_delivered
    where email is not null

),

-- A line is no row, so nobody can say whose it is. But it may hold the address of somebody who asked to be forgotten.
lines_naming_erased as (

    select distinct
        lines_rejected.raw_file,
        lines_rejected.raw_row
    from lines_rejected
    inner join emails_erased on {{ dbt.position('emails_erased.email', 'lower(lines_rejected.raw_text)') }} > 0

),

final as (

    select
        lines_rejected.source,
        lines_rejected.raw_table,
        lines_rejected.kind,
        lines_rejected.raw_file,
        lines_rejected.raw_row,
        case when lines_naming_erased.raw_file is null then lines_rejected.raw_text end as raw_text,
        lines_rejected.rejection_reason
    from lines_rejected
    left join lines_naming_erased
        on lines_rejected.raw_file = lines_naming_erased.raw_file
        and lines_rejected.raw_row = lines_naming_erased.raw_row

)

select * from final
