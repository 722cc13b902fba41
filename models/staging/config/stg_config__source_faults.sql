-- Grain: fault. Rules on what several sources report, and on tagged links, that contradict themselves or one another.
with cross_source_duplicates as (

    select * from {{ ref('stg_config__cross_source_duplicates') }}

),

tagged_links as (

    select * from {{ ref('stg_config__tagged_links') }}

),

event_types_split as (

    select
        file,
        row_key,
        {{ lead_scoring.trimmed(lead_scoring.split_to_rows('event_types', '|')) }} as event_type
    from cross_source_duplicates

),

sources_split as (

    select
        file,
        row_key,
        {{ lead_scoring.trimmed(lead_scoring.split_to_rows('sources', '|')) }} as source
    from cross_source_duplicates

),

event_types_repeated as (

    select
        min(file) as file,
        max(row_key) as row_key,
        event_type
    from event_types_split
    where event_type <> ''
    group by event_type
    having count(*) > 1

),

sources_repeated as (

    select
        file,
        row_key,
        source
    from sources_split
    group by file, row_key, source
    having count(*) > 1 or source = ''

),

sources_counted as (

    select
        file,
        row_key
    from sources_split
    group by file, row_key
    having count(distinct source) = 1

),

final as (

    select
        {{ lead_scoring.fault('cross_source_duplicates', 'event_types', "event_type || ' stands in several rows: which source stands would be ambiguous'") }}
    from event_types_repeated
    union all
    select
        {{ lead_scoring.fault('cross_source_duplicates', 'sources', "case when source = '' then 'has an empty item between its |' else source || ' stands there several times' end") }}
    from sources_repeated
    union all
    select
        {{ lead_scoring.fault('cross_source_duplicates', 'sources', "'one source alone reports nothing twice'") }}
    from sources_counted
    union all
    select
        {{ lead_scoring.fault('tagged_links', 'utm_source', "'no tag is given: every page view would be one'") }}
    from tagged_links
    where coalesce(utm_source, utm_medium, utm_campaign) is null

)

select * from final
