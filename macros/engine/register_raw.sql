{# Makes the raw tables of the sources that are on readable as `raw_<source>.<table>`: the declared columns in their declared types, and four
   columns that say where a row came from:
     _raw_file, _raw_row   the file and the row in it (from 1)
     _raw_text             the row as it came, as JSON; computed only for the rows that somebody looks at
     _raw_unreadable       names of the columns that hold something which is not of the declared type
   `_rejected_lines` of each source holds the lines of text files that are no row at all. Runs once, before the first model; models never look at the
   folder. A table without files is an empty table and a missing optional column is a typed null, each with a notice; a missing required
   column ends the run. On an engine without a folder the tables are expected to stand in their schema. What is restated is read from a database. #}
{% macro register_raw() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'test', 'show', 'seed') and not var('lead_scoring_restated_days') -%}
        {{ adapter.dispatch('register_raw', 'lead_scoring')() }}
    {%- endif -%}
{%- endmacro %}

{% macro default__register_raw() -%}
    select 1
{%- endmacro %}

{% macro duckdb__register_raw() -%}
    {%- set root = env_var('LEAD_SCORING_RAW', 'sample/raw') -%}
    {%- for source_name in var('lead_scoring_sources') if lead_scoring.has_raw_tables(source_name) -%}
        {%- set tables = graph.sources.values() | selectattr('source_name', 'equalto', source_name) | list -%}
        {%- if not tables -%}
            {{ exceptions.raise_compiler_error("lead_scoring_sources names '" ~ source_name ~ "', but no source of that name is declared") }}
        {%- endif -%}
        {%- set schema = tables[0].schema -%}
        {# `**` goes deep and passes over linked files; the other two do not. #}
        {%- set globs = [] -%}
        {%- for depth in ('/*', '/*/*', '/**') -%}{%- do globs.append('select file from glob(' ~ lead_scoring.duckdb__quoted_path(root ~ '/' ~ source_name, depth) ~ ')') -%}{%- endfor -%}
        {%- set files = run_query(globs | join(' union ') ~ ' order by file').columns[0].values() -%}
        {%- if not files -%}{{ log('Notice: there is no file at all in ' ~ root ~ '/' ~ source_name ~ '; all tables of the source ' ~ source_name ~ ' are empty.', info=True) }}{%- endif -%}
        {%- do run_query('create schema if not exists "' ~ schema ~ '"') -%}
        {%- do run_query('create or replace table "' ~ schema ~ '"._rejected_lines (raw_table string, raw_file string, raw_row bigint, raw_text string, rejection_reason string)') -%}
        {%- set taken = [] -%}
        {%- for table in tables if table.name != '_rejected_lines' -%}
            {%- do lead_scoring.duckdb__register_table(table, files, root, taken) -%}
        {%- endfor -%}
        {%- set left = files | reject('in', taken) | list -%}
        {%- if left -%}{{ log('Notice: nobody reads ' ~ lead_scoring.duckdb__first_few(left) ~ ': the name is that of no table of ' ~ source_name ~ ', or does not end in .parquet, .csv, .csv.gz, .jsonl or .jsonl.gz.', info=True) }}{%- endif -%}
    {%- endfor -%}
    select 1
{%- endmacro %}


{# One table: finds its files, which it adds to `taken`, reads them in their format, and makes the typed view. #}
{% macro duckdb__register_table(table, files, root, taken) -%}
    {%- set base = root ~ '/' ~ table.source_name ~ '/' ~ var('lead_scoring_raw_tables').get(table.source_name, {}).get(table.name, table.name) -%}
    {%- set found = {'parquet': [], 'csv': [], 'jsonl': []} -%}
    {%- for file in files if file.startswith(base ~ '.') or file.startswith(base ~ '/') -%}
        {%- for format, endings in {'parquet': ('.parquet',), 'csv': ('.csv', '.csv.gz'), 'jsonl': ('.jsonl', '.jsonl.gz')}.items() -%}
            {%- if file.endswith(endings) -%}{%- do found[format].append(file) -%}{%- do taken.append(file) -%}{%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set formats = found.values() | select | list -%}
    {%- set view = '"' ~ table.schema ~ '"."' ~ table.name ~ '"' -%}
    {%- set parts = [] -%}
    {%- if formats | length > 1 -%}
        {{ exceptions.raise_compiler_error(base ~ ' has files of several formats: ' ~ formats | sum(start=[]) | join(', ')) }}
    {%- elif formats | length == 0 -%}
        {{ log('Notice: no file for ' ~ base ~ '; the table ' ~ table.source_name ~ '.' ~ table.name ~ ' is empty.', info=True) }}
        {%- do parts.append({'rows': 'select null as _raw_file, null as _raw_row, null as _raw_text where false', 'columns': {}}) -%}
    {%- elif found.parquet -%}
        {%- for paths in lead_scoring.duckdb__parquet_files_by_type(found.parquet) -%}
            {%- set read = 'read_parquet([' ~ paths | join(', ') ~ "], union_by_name = true, filename = '_raw_file', file_row_number = true)" -%}
            {%- set columns = {} -%}
            {%- for column in run_query('describe select * from ' ~ read).rows -%}{%- do columns.update({column[0] | lower: column[1]}) -%}{%- endfor -%}
            {%- do parts.append({
                'rows': 'select source_row.*, source_row.file_row_number + 1 as _raw_row, cast(to_json(source_row) as string) as _raw_text from ' ~ read ~ ' as source_row',
                'columns': columns,
            }) -%}
        {%- endfor -%}
    {%- else -%}
        {%- set columns = {} -%}
        {%- do parts.append({'rows': lead_scoring.duckdb__load_text_files(table, found, columns), 'columns': columns}) -%}
    {%- endif -%}

    {# Files without a line are as good as none. #}
    {%- set known = parts | map(attribute='columns') | map('list') | sum(start=[]) -%}
    {%- for column in table.columns.values() if known and column.name | lower not in known -%}
        {%- if column.config.meta.get('is_required') -%}
            {{ exceptions.raise_compiler_error('The required column ' ~ column.name ~ ' is missing from ' ~ (found.values() | sum(start=[]) | join(', ')) ~ '.') }}
        {%- endif -%}
        {{ log('Notice: ' ~ table.source_name ~ '.' ~ table.name ~ ' has no column ' ~ column.name ~ '; it is null.', info=(not table.config.meta.get('is_sparse', false))) }}
    {%- endfor -%}
    {%- set declared = ['_raw_file', 'file_row_number'] -%}
    {%- for column in table.columns.values() -%}{%- do declared.append(column.name | lower) -%}{%- endfor -%}
    {%- set unread = known | reject('in', declared) | unique | list -%}
    {%- if unread -%}{{ log('Notice: ' ~ table.source_name ~ '.' ~ table.name ~ ' has columns that nobody reads: ' ~ lead_scoring.duckdb__first_few(unread) ~ '.', info=(not table.config.meta.get('is_sparse', false))) }}{%- endif -%}
    {%- set selects = [] -%}
    {%- for part in parts -%}{%- do selects.append(lead_scoring.duckdb__typed_rows(table, part)) -%}{%- endfor -%}
    {%- do run_query('drop view if exists ' ~ view) -%}
    {%- do run_query('create view ' ~ view ~ ' as ' ~ selects | join(' union all ')) -%}
{%- endmacro %}


{# The paths of Parquet files, in groups of files whose columns have the same types. Read together, whole numbers and numbers with a fraction would become
   the latter, which changes ids. #}
{% macro duckdb__parquet_files_by_type(files) -%}
    {%- set paths = [] -%}
    {%- for file in files -%}{%- do paths.append(lead_scoring.duckdb__quoted_path(file)) -%}{%- endfor -%}
    {%- set groups = [] -%}
    {%- for group in run_query(
        "select string_agg(file_name, chr(10) order by file_name) as files from ("
        ~ "select file_name, string_agg(lower(name) || ' ' || coalesce(duckdb_type, ''), ', ' order by lower(name), duckdb_type) as types"
        ~ ' from parquet_schema([' ~ paths | join(', ') ~ ']) group by file_name) group by types order by files'
    ).rows -%}
        {%- set quoted = [] -%}
        {%- for file in group[0].split('\n') -%}{%- do quoted.append(lead_scoring.duckdb__quoted_path(file)) -%}{%- endfor -%}
        {%- do groups.append(quoted) -%}
    {%- endfor -%}
    {{ return(groups) }}
{%- endmacro %}


{# The declared columns of a query over raw rows in their declared types, and the columns that say where a row came from. #}
{% macro duckdb__typed_rows(table, part) -%}
    {%- set typed = [] -%}
    {%- set checks = [] -%}
    {%- for column in table.columns.values() -%}
        {%- set quoted = 'raw_rows."' ~ column.name ~ '"' -%}
        {%- set raw_type = part.columns.get(column.name | lower) -%}
        {%- if raw_type -%}
            {%- set value = lead_scoring.duckdb__typed(quoted, raw_type, column.data_type) -%}
            {%- do typed.append(value ~ ' as "' ~ column.name ~ '"') -%}
            {%- if value != quoted and not lead_scoring.duckdb__is_text(column.data_type) -%}
                {%- do checks.append("case when " ~ lead_scoring.duckdb__has_content(quoted, raw_type) ~ " and (" ~ value ~ ") is null then '" ~ column.name ~ "' end") -%}
            {%- elif lead_scoring.duckdb__is_text(column.data_type) and raw_type == 'BLOB' -%}
                {%- do checks.append("case when octet_length(" ~ quoted ~ ") > 0 and try(decode(" ~ quoted ~ ")) is null then '" ~ column.name ~ "' end") -%}
            {%- elif lead_scoring.duckdb__is_text(column.data_type) and raw_type in ('DOUBLE', 'FLOAT') -%}
                {%- do checks.append("case when isinf(" ~ quoted ~ ") then '" ~ column.name ~ "' end") -%}
            {%- endif -%}
        {%- else -%}
            {%- do typed.append('cast(null as ' ~ column.data_type ~ ') as "' ~ column.name ~ '"') -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(
        'select ' ~ typed | join(', ')
        ~ ', cast(raw_rows._raw_file as string) as _raw_file, cast(raw_rows._raw_row as bigint) as _raw_row, cast(raw_rows._raw_text as string) as _raw_text'
        ~ ", cast(" ~ ("nullif(concat_ws(',', " ~ checks | join(', ') ~ "), '')" if checks else 'null') ~ ' as string) as _raw_unreadable from (' ~ part.rows ~ ') as raw_rows'
    ) }}
{%- endmacro %}


{# Loads CSV or JSON lines as text into a table; what is no row goes to _rejected_lines. Fixed columns, nothing is guessed: a reader
   that guesses loses rows without a word. A quote inside quotes is doubled, or follows what the table's `meta: escape` names. One thread per file:
   the reader's threads cut a file anywhere, and with it the text inside a pair of quotes.
   Adds the columns it found to `columns`; returns the query over them. #}
{% macro duckdb__load_text_files(table, found, columns) -%}
    {%- set parts = [] -%}
    {%- set headers = {} -%}
    {%- set physical = {} -%}
    {%- for file in found.csv + found.jsonl if file in found.csv or file.endswith('.gz') -%}{%- do physical.update({file: lead_scoring.duckdb__physical_lines(file)}) -%}{%- endfor -%}
    {%- for file in physical if file.endswith('.gz') -%}{%- do lead_scoring.duckdb__check_gzip(file, physical[file]) -%}{%- endfor -%}
    {%- for file in found.csv -%}
        {%- set names = lead_scoring.duckdb__csv_header(file, physical[file]) -%}
        {%- if names -%}
            {%- do headers.update({file: names}) -%}
            {%- set types = [] -%}
            {%- for name in names -%}{%- do types.append(lead_scoring.duckdb__quoted_text(name) ~ ": 'VARCHAR'") -%}{%- do columns.update({name: 'VARCHAR'}) -%}{%- endfor -%}
            {%- do parts.append(
                "select csv_row.*, " ~ lead_scoring.duckdb__quoted_text(file) ~ " as _raw_file, row_number() over () as _raw_row, cast(to_json(csv_row) as string) as _raw_text from read_csv(" ~ lead_scoring.duckdb__quoted_path(file)
                ~ ", auto_detect = false, header = true, delim = ',', quote = '\"', escape = " ~ lead_scoring.duckdb__quoted_text(table.config.meta.get('escape', '"')) ~ ", strict_mode = true, parallel = false, store_rejects = true, rejects_table = '_csv_rejects', rejects_scan = '_csv_scans', columns = {" ~ types | join(', ') ~ "}) as csv_row"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for file in found.jsonl -%}
        {%- do parts.append(
            "select line as _line, " ~ lead_scoring.duckdb__quoted_text(file) ~ " as _raw_file, row_number() over () as _raw_row, line as _raw_text from "
            ~ lead_scoring.duckdb__read_lines(file, "store_rejects = true, rejects_table = '_csv_rejects', rejects_scan = '_csv_scans'")
        ) -%}
    {%- endfor -%}
    {%- if not parts -%}{{ return('select null as _raw_file, null as _raw_row, null as _raw_text where false') }}{%- endif -%}
    {%- set loaded = '"' ~ table.schema ~ '"."_' ~ table.name ~ '_as_text"' -%}
    {%- set rejected = '"' ~ table.schema ~ '"._rejected_lines' -%}
    {%- do run_query('drop table if exists _csv_rejects') -%}
    {%- do run_query('drop table if exists _csv_scans') -%}
    {%- do run_query('create or replace table ' ~ loaded ~ ' as ' ~ parts | join(' union all by name ')) -%}
    {%- do run_query(
        "insert into " ~ rejected ~ " select distinct '" ~ table.name ~ "', scans.file_path, rejects.line, first(rejects.csv_line), 'unreadable_line: ' || lower(min(cast(rejects.error_type as string)))"
        ~ ' from _csv_rejects as rejects inner join _csv_scans as scans on rejects.scan_id = scans.scan_id and rejects.file_id = scans.file_id group by all'
    ) -%}
    {%- for file, names in headers.items() -%}{%- do lead_scoring.duckdb__reject_swallowed_lines(table, file, physical[file], names, loaded, rejected) -%}{%- endfor -%}
    {%- if found.jsonl -%}
        {%- do run_query(
            "insert into " ~ rejected ~ " select '" ~ table.name ~ "', _raw_file, _raw_row, _line, 'unreadable_json' from " ~ loaded
            ~ " where not json_valid(_line) or json_type(_line) <> 'OBJECT'"
        ) -%}
        {%- set objects = ' from ' ~ loaded ~ " where case when json_valid(_line) then json_type(_line) = 'OBJECT' else false end" -%}
        {# The keys of all objects, and whether one object names it twice. Objects of a kind are looked at once. #}
        {%- set found_keys = run_query(
            'select json_key, bool_or(is_repeated) from (select unnest(shape) as json_key, list_unique(shape) < len(shape) as is_repeated from (select distinct json_keys(_line) as shape'
            ~ objects ~ ')) group by json_key order by json_key'
        ) -%}
        {%- set keys = found_keys.columns[0].values() -%}
        {%- if found_keys.columns[1].values() | select | list -%}
            {# Which of the two values is meant nobody can say. #}
            {%- set repeated = 'list_unique(json_keys(_line)) < len(json_keys(_line))' -%}
            {%- do run_query(
                "insert into " ~ rejected ~ " select '" ~ table.name ~ "', _raw_file, _raw_row, _line, 'unreadable_json: repeated key'" ~ objects ~ ' and ' ~ repeated
            ) -%}
            {%- set objects = objects ~ ' and not ' ~ repeated -%}
        {%- endif -%}
        {%- set fields = [] -%}
        {%- for column in table.columns.values() -%}
            {%- set values = [] -%}
            {%- for key in keys if key | lower == column.name | lower -%}{%- do values.append("json_extract_string(_line, '$.\"" ~ key ~ "\"')") -%}{%- endfor -%}
            {%- do fields.append(('coalesce(' ~ values | join(', ') ~ ')' if values else 'cast(null as varchar)') ~ ' as "' ~ column.name ~ '"') -%}
            {# A column that no line names is missing. Where there are no lines at all nothing is. #}
            {%- if values or not keys -%}{%- do columns.update({column.name | lower: 'VARCHAR'}) -%}{%- endif -%}
            {%- if values | length > 1 -%}{{ log('Notice: ' ~ table.source_name ~ '.' ~ table.name ~ ' has several keys for ' ~ column.name ~ ', in upper and lower case; where a line has several the first with a value counts.', info=True) }}{%- endif -%}
        {%- endfor -%}
        {%- for key in keys -%}{%- do columns.update({key | lower: 'VARCHAR'}) -%}{%- endfor -%}
        {{ return('select ' ~ fields | join(', ') ~ ', _raw_file, _raw_row, _raw_text' ~ objects) }}
    {%- endif -%}
    {{ return('select * from ' ~ loaded) }}
{%- endmacro %}


{# A text as a SQL literal. #}
{% macro duckdb__quoted_text(text) -%}{{ return("'" ~ text | replace("'", "''") ~ "'") }}{%- endmacro %}


{# The path of a file, or of what a pattern finds in a folder, as a SQL literal: readers take `*`, `?` and `[` in a path for a pattern, and would read the file 1.csv for [1].csv. #}
{% macro duckdb__quoted_path(path, pattern='') -%}{{ return(lead_scoring.duckdb__quoted_text(modules.re.sub('([*?[])', '[\\1]', path) ~ pattern)) }}{%- endmacro %}


{# The first ten of many names, and how many more there are. #}
{% macro duckdb__first_few(names) -%}{{ return(names[:10] | join(', ') ~ (' and ' ~ (names | length - 10) ~ ' more' if names | length > 10 else '')) }}{%- endmacro %}


{# The physical lines of a text file, in their order, whatever ends them; a blank one is null. They are cut at four characters that no text has one after the other. #}
{% macro duckdb__read_lines(file, options) -%}
    {{ return(
        'read_csv(' ~ lead_scoring.duckdb__quoted_path(file) ~ ", auto_detect = false, header = false, strict_mode = false, parallel = false, delim = '\x1f\x1e\x1f\x1e', quote = '', escape = '', "
        ~ options ~ ", columns = {'line': 'VARCHAR'})"
    ) }}
{%- endmacro %}


{# How many lines and bytes a text file has, as a dictionary: `lines` in UTF-8, `filled` of them not blank, `torn` lines that are not UTF-8, `bytes` without line ends,
   `is_torn_at_the_start`. The torn lines stand in _line_rejects until the next file. #}
{% macro duckdb__physical_lines(file) -%}
    {%- do run_query('drop table if exists _line_rejects') -%}
    {%- do run_query('drop table if exists _line_scans') -%}
    {%- set whole = run_query(
        'select count(*), count(line), coalesce(sum(strlen(line)), 0) from '
        ~ lead_scoring.duckdb__read_lines(file, "store_rejects = true, rejects_table = '_line_rejects', rejects_scan = '_line_scans'")
    ).rows[0] -%}
    {%- set torn = run_query(
        "select count(*), coalesce(sum(strlen(csv_line)), 0), coalesce(min(line), 0) = 1 from _line_rejects where error_type = 'INVALID ENCODING'"
    ).rows[0] -%}
    {{ return({
        'lines': whole[0] | int, 'filled': whole[1] | int, 'torn': torn[0] | int, 'bytes': whole[2] | int + torn[1] | int, 'is_torn_at_the_start': torn[2],
    }) }}
{%- endmacro %}


{# The column names in a CSV file's first line, in lower case; none for a file without a line. #}
{% macro duckdb__csv_header(file, physical) -%}
    {%- if physical.lines + physical.torn == 0 -%}
        {{ log('Notice: ' ~ file ~ ' is empty.', info=True) }}
        {{ return([]) }}
    {%- endif -%}
    {%- set lines = run_query('select line from ' ~ lead_scoring.duckdb__read_lines(file, 'ignore_errors = true') ~ ' limit 1').rows -%}
    {%- set line = (lines[0][0] if lines else none) or '' -%}
    {# A line that is not UTF-8 would be left out, and the first row of data taken for the header. #}
    {%- if line | length == 0 or physical.is_torn_at_the_start -%}
        {{ exceptions.raise_compiler_error(file ~ ': the first line is no header: it is blank or not UTF-8.') }}
    {%- endif -%}
    {%- set names = [] -%}
    {%- for name in modules.re.findall('("(?:[^"]|"")*"|[^,]*)(?:,|$)', line.lstrip('\ufeff').rstrip('\r'))[:-1] -%}
        {%- do names.append(name.strip().strip('"').strip() | lower) -%}
    {%- endfor -%}
    {%- if '' in names -%}
        {{ exceptions.raise_compiler_error(file ~ ': the header does not name every column: ' ~ names | join(', ')) }}
    {%- endif -%}
    {# Of columns of one name the first bears it; the others are named as databases do. #}
    {%- set unique_names = [] -%}
    {%- for name in names -%}
        {%- set earlier = names[:loop.index0] | select('equalto', name) | list | length -%}
        {%- if earlier -%}{{ log('Notice: ' ~ file ~ ' names the column ' ~ name ~ ' again; the later one is ' ~ name ~ '_' ~ earlier ~ '.', info=True) }}{%- endif -%}
        {%- do unique_names.append(name ~ ('_' ~ earlier if earlier else '')) -%}
    {%- endfor -%}
    {%- if unique_names | unique | list | length != names | length -%}
        {{ exceptions.raise_compiler_error(file ~ ': the header names a column twice: ' ~ names | join(', ')) }}
    {%- endif -%}
    {{ return(unique_names) }}
{%- endmacro %}


{# Finds the lines of a CSV file that are neither in a row nor among the rejected ones, and rejects them. A quote that is never closed swallows all that
   follows, and the reader stops there without a word. Lines without anything do not count; a row takes as many lines as the runs of line ends in its
   values say, and one. A line that is too long for the reader is rejected by it, and not among the physical ones. #}
{% macro duckdb__reject_swallowed_lines(table, file, physical, names, loaded, rejected) -%}
    {%- set quoted = lead_scoring.duckdb__quoted_text(file) -%}
    {%- set line_count = physical.filled + physical.torn -%}
    {%- set values = [] -%}
    {%- for name in names -%}{%- do values.append('"' ~ name | replace('"', '""') ~ '"') -%}{%- endfor -%}
    {# All values of a row as one text: a sum of a thousand columns is deeper than the engine takes. #}
    {%- set row_values = "concat_ws(' ', " ~ values | join(', ') ~ ')' -%}
    {%- set further = 'case when ' ~ lead_scoring.matches_regex(row_values, "'[\\r\\n]'") ~ ' then ' ~ lead_scoring.duckdb__line_ends(row_values) ~ ' else 0 end' -%}
    {%- set told = run_query(
        'select 1 + (select coalesce(sum(1 + ' ~ further ~ '), 0) from ' ~ loaded ~ ' where _raw_file = ' ~ quoted ~ ')'
        ~ ' + (select coalesce(sum(' ~ lead_scoring.duckdb__line_ends("trim(raw_text, chr(13) || chr(10))") ~ " + case when rejection_reason like '%line size%' then 0 else 1 end), 0) from " ~ rejected ~ ' where raw_file = ' ~ quoted ~ ')'
    ).rows[0][0] | int -%}
    {%- if line_count > told -%}
        {%- do lead_scoring.duckdb__physical_lines(file) -%}
        {%- set swallowed -%}
            from (
                select line, line_number, row_number() over (order by line_number) as ordinal
                from (
                    select whole.line, places.line_number
                    from (select line, row_number() over () as place from {{ lead_scoring.duckdb__read_lines(file, 'ignore_errors = true') }}) as whole
                    inner join (
                        select line_number, row_number() over (order by line_number) as place
                        from range(1, {{ physical.lines + physical.torn + 1 }}) as numbers (line_number)
                        where line_number not in (select line from _line_rejects where error_type = 'INVALID ENCODING')
                    ) as places on whole.place = places.place
                    union all
                    select csv_line, line from _line_rejects where error_type = 'INVALID ENCODING'
                )
                where line is not null
            )
            where ordinal > {{ told }}
        {%- endset -%}
        {%- set quotes = run_query("select sum(length(line) - length(replace(line, '\"', ''))) " ~ swallowed).rows[0][0] -%}
        {%- if quotes | int % 2 == 0 -%}
            {{ exceptions.raise_compiler_error(file ~ ': ' ~ (line_count - told) ~ ' of ' ~ line_count ~ ' lines cannot be told apart. Is there a value of more than two million characters?') }}
        {%- endif -%}
        {{ log('Notice: ' ~ file ~ ' opens a quote in line ' ~ run_query('select min(line_number) ' ~ swallowed).rows[0][0] ~ ' and never closes it; the ' ~ (line_count - told) ~ ' lines from there on are quarantined.', info=True) }}
        {%- do run_query(
            'insert into ' ~ rejected ~ " select '" ~ table.name ~ "', " ~ quoted ~ ", line_number, line, 'unreadable_line: unterminated quote' " ~ swallowed
        ) -%}
    {%- endif -%}
{%- endmacro %}


{# How many runs of line ends a text has. #}
{% macro duckdb__line_ends(text) -%}
    {{ return("length(regexp_replace(regexp_replace(" ~ text ~ ", '[\\r\\n]+', chr(10), 'g'), '[^\\n]', '', 'g'))") }}
{%- endmacro %}


{# Refuses a gzip file that was cut off: the reader takes what it can get of it. Its last four bytes say how much it holds (modulo 2^32). #}
{% macro duckdb__check_gzip(file, physical) -%}
    {%- set ending = run_query('select hex(content[-4:]) from read_blob(' ~ lead_scoring.duckdb__quoted_path(file) ~ ')').rows[0][0] -%}
    {%- set stated = (ending[6:8] ~ ending[4:6] ~ ending[2:4] ~ ending[0:2]) | int(0, 16) -%}
    {# A line ends in one or two bytes. #}
    {%- if (stated - physical.bytes) % 4294967296 > 2 * (physical.lines + physical.torn) -%}
        {{ exceptions.raise_compiler_error(file ~ ' is cut off, or made of several gzip files put together: compress it anew, as one.') }}
    {%- endif -%}
{%- endmacro %}


{% macro duckdb__is_text(data_type) -%}{{ return(data_type | lower in ('string', 'varchar', 'text')) }}{%- endmacro %}

{# Whether a raw value is more than nothing: not null and, as a text, not blank. #}
{% macro duckdb__has_content(value, raw_type) -%}
    {{ return('(' ~ value ~ ' is not null' ~ (' and ' ~ lead_scoring.blank_to_null(value) ~ ' is not null' if raw_type == 'VARCHAR' else '') ~ ')') }}
{%- endmacro %}

{# The expression that turns a raw value into the declared type, null when it does not fit; the value itself where nothing is to do. #}
{% macro duckdb__typed(value, raw_type, data_type) -%}
    {%- set wanted = data_type | lower -%}
    {%- set text = lead_scoring.trimmed('cast(' ~ value ~ ' as varchar)') -%}
    {%- set whole = ('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT') -%}
    {%- if lead_scoring.duckdb__is_text(wanted) -%}
        {%- if raw_type == 'VARCHAR' -%}{{ return(lead_scoring.blank_to_null(value)) }}
        {%- elif raw_type == 'BLOB' -%}{{ return(lead_scoring.blank_to_null('try(decode(' ~ value ~ '))')) }}
        {# Ids that went through a program that has no whole numbers beside nulls: 123.0 is 123, and what is not a number is no id. #}
        {%- elif raw_type in ('DOUBLE', 'FLOAT') -%}{{ return('case when isfinite(' ~ value ~ ') then coalesce(cast(case when ' ~ value ~ ' = trunc(' ~ value ~ ') then try_cast(' ~ value ~ ' as bigint) end as varchar), cast(' ~ value ~ ' as varchar)) end') }}
        {%- elif raw_type.startswith('DECIMAL') -%}{{ return("regexp_replace(cast(" ~ value ~ " as varchar), '[.]0+$', '')") }}
        {# What has parts is written as JSON, as it stands in a file of JSON lines. #}
        {%- elif raw_type.startswith(('STRUCT', 'MAP')) or raw_type.endswith(']') -%}{{ return('cast(to_json(' ~ value ~ ') as varchar)') }}
        {%- else -%}{{ return('cast(' ~ value ~ ' as varchar)') }}{%- endif -%}
    {%- elif wanted == 'timestamp' -%}
        {%- if raw_type == 'TIMESTAMP' -%}{{ return('case when isfinite(' ~ value ~ ') then ' ~ value ~ ' end') }}
        {%- elif raw_type == 'TIMESTAMP WITH TIME ZONE' -%}{{ return("case when isfinite(" ~ value ~ ") then timezone('UTC', " ~ value ~ ') end') }}
        {%- elif raw_type.startswith('TIMESTAMP') or raw_type == 'DATE' -%}{{ return('case when isfinite(cast(' ~ value ~ ' as timestamp)) then cast(' ~ value ~ ' as timestamp) end') }}
        {%- else -%}{{ return(lead_scoring.text_to_timestamp(text)) }}{%- endif -%}
    {%- elif wanted == 'date' -%}
        {%- if raw_type == 'DATE' -%}{{ return('case when isfinite(' ~ value ~ ') then ' ~ value ~ ' end') }}{%- else -%}{{ return(lead_scoring.text_to_date(text)) }}{%- endif -%}
    {%- elif wanted in ('int', 'bigint') -%}
        {%- if raw_type in whole -%}{{ return('try_cast(' ~ value ~ ' as ' ~ wanted ~ ')') }}
        {%- elif raw_type in ('DOUBLE', 'FLOAT') -%}{{ return('case when ' ~ value ~ ' = trunc(' ~ value ~ ') then try_cast(' ~ value ~ ' as ' ~ wanted ~ ') end') }}
        {%- else -%}{{ return(lead_scoring.text_to_integer(text, wanted)) }}{%- endif -%}
    {%- elif wanted == 'double' -%}
        {%- if raw_type == 'DOUBLE' -%}{{ return(value) }}
        {%- elif raw_type == 'FLOAT' -%}{{ return('cast(' ~ value ~ ' as double)') }}
        {%- elif raw_type in whole or raw_type.startswith('DECIMAL') -%}{{ return('cast(' ~ value ~ ' as double)') }}
        {%- else -%}{{ return(lead_scoring.text_to_double(text)) }}{%- endif -%}
    {%- elif wanted.startswith('decimal') -%}
        {%- if raw_type | lower | replace(' ', '') == wanted | replace(' ', '') -%}{{ return(value) }}
        {%- else -%}{{ return('case when ' ~ lead_scoring.matches_regex(text, lead_scoring.plain_number_pattern()) ~ ' then try_cast(' ~ text ~ ' as ' ~ wanted ~ ') end') }}{%- endif -%}
    {%- elif wanted == 'boolean' -%}
        {%- if raw_type == 'BOOLEAN' -%}{{ return(value) }}{%- else -%}{{ return(lead_scoring.text_to_boolean(text)) }}{%- endif -%}
    {%- else -%}
        {{ exceptions.raise_compiler_error('Unknown type ' ~ data_type ~ ' of a raw column.') }}
    {%- endif -%}
{%- endmacro %}
