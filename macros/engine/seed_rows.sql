{# Loads a seed's file. dbt-duckdb lets DuckDB guess the quotes, which takes a row apart at an apostrophe; here a row that does not fit is an error with its line. #}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {%- set sql -%}
        copy {{ this.render() }} from '{{ adapter.get_seed_file_path(model) | replace("'", "''") }}'
        (format csv, header true, delimiter '{{ model.config.get("delimiter", ",") }}', quote '"', escape '"', auto_detect false, strict_mode true, null_padding false)
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=true) -%}
    {{ return(sql) }}
{% endmacro %}
