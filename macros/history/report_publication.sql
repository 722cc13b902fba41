{# Says when a run has published nothing into the history, and why. For on-run-end. #}
{% macro report_publication(results) -%}
    {%- for result in results if result.node.name == 'int_scores_published' and result.status == 'success' -%}
        {%- if var('known_at') -%}
            {%- do log('Notice: with known_at a build answers a question about the past; nothing of it went into the history.', info=true) -%}
        {%- else -%}
            {%- set newest = run_query('select cast(max(published_on) as string) from ' ~ result.node.relation_name).columns[0].values()[0] -%}
            {%- if newest and newest > lead_scoring.as_of_date_text() -%}
                {%- do log(
                    'Notice: the scores for ' ~ lead_scoring.as_of_date_text() ~ ' did not go into the history, which has come to ' ~ newest
                    ~ ': an earlier date is a question about the past.', info=true
                ) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
