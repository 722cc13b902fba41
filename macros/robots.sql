{# Whether a browser's user agent says that it is a robot. `Cubot` is a telephone. #}
{% macro is_robot(user_agent) -%}
    coalesce({{ lead_scoring.matches_regex(
        'lower(' ~ user_agent ~ ')',
        "'(^|[^u])bot|crawl|spider|slurp|headless|phantomjs|lighthouse|pingdom|facebookexternalhit|archiver'"
    ) }}, false)
{%- endmacro %}
