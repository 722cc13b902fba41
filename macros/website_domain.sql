{# The domain that a website stands for, in lower case and without `www.`: people type `https://www.acme.example/about`, `www.acme.example` and
   `acme.example`. Null for what is no host with a dot in it. #}
{% macro website_domain(website) -%}
    nullif(regexp_extract(
        lower({{ lead_scoring.trimmed(website) }}),
        '^(?:[a-z][a-z0-9+.-]*://)?(?:[^/@?#]*@)?(?:www[.])?([^/?#:@ ]+[.][^/?#:@ .]+)[.]?(?:[:/?#].*)?$',
        1
    ), '')
{%- endmacro %}
