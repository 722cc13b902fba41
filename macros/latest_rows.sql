{# Of each key the row that was loaded last, with the columns named: a connector replaces its rows, but a folder of files keeps every version.
   Every choice between rows is made by their content, none by chance. #}
{% macro latest_rows(relation, key, columns, loaded_at='_fivetran_synced') -%}
    select
        {{ key }},
        {{ columns | join(',\n        ') }}
    from (
        select
            {{ key }},
            {{ columns | join(',\n            ') }},
            row_number() over (partition by {{ key }} order by {{ lead_scoring.total_order([loaded_at] + columns, 'desc') }}) as version_rank
        from {{ relation }}
        where {{ key }} is not null
            and ({{ loaded_at }} is null or {{ lead_scoring.is_known(loaded_at) }})
    ) as versions_ranked
    where version_rank = 1
{%- endmacro %}
