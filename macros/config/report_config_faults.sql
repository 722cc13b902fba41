{# Prints each fault of the configuration as one line, when the test on stg_config__faults failed in this run. For on-run-end. #}
{% macro report_config_faults(results) -%}
    {%- for result in results if result.node.name == 'assert_config_has_no_faults' and result.status == 'fail' -%}
        {%- set faults = graph.nodes[result.node.depends_on.nodes[0]] -%}
        {%- set relation = adapter.get_relation(database=faults.database, schema=faults.schema, identifier=faults.alias) -%}
        {%- if relation is not none -%}
            {%- set query -%}
                select file, score_model, rule_id, row_key, column_name, reason
                from {{ relation }}
                order by file, score_model, rule_id, row_key, column_name, reason
            {%- endset -%}
            {%- set rows = run_query(query).rows -%}
            {%- for row in rows -%}
                {%- set named = [row['score_model'], row['rule_id'], row['row_key']] | select | join(' / ') -%}
                {%- set parts = [row['file'], named, 'column ' ~ row['column_name'] if row['column_name'], row['reason']] -%}
                {%- do log(parts | select | join(': '), info=true) -%}
            {%- endfor -%}
            {%- do log(
                'The configuration contradicts itself in ' ~ (rows | length) ~ ' place' ~ ('s' if rows | length != 1)
                ~ ': nothing was scored and the published tables stand.', info=true
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
