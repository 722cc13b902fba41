"""Tables in a folder of raw files: what they are called, which columns they have, and what stands in them.

A table is a file ``<table>.parquet``, ``.csv``, ``.csv.gz``, ``.jsonl`` or ``.jsonl.gz``, or a folder ``<table>/`` of such files, as a build reads them: CSV is
read with the build's own strictness, so a row that it would reject is none here. Only the first rows of text files are looked at, and of the columns of Parquet
files only those that somebody asks for.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

import duckdb

from lead_scoring.errors import CommandError

ENDINGS = {".parquet": "parquet", ".csv": "csv", ".csv.gz": "csv", ".jsonl": "jsonl", ".jsonl.gz": "jsonl"}
TABLE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# What YAML, Jinja and SQL can hold between quotes without more ado.
COLUMN_NAME = re.compile(r"[^\"'`{}\\\x00-\x1f]+")
LINES_FOR_COLUMNS = 1_000
LINES_FOR_VALUES = 100_000
MOST_FILES_SHOWN = 5
# What to do about lines that the build's reader of CSV rejects, by the reader's word for them.
ADVICE = {
    "UNQUOTED VALUE": 'a quote inside a value has to be doubled, not written \\"; write the file anew',
    "TOO MANY COLUMNS": "they have more values than the header has names; a value that holds a comma has to stand in quotes",
    "MISSING COLUMNS": "they have fewer values than the header has names; the separator has to be a comma",
    "INVALID ENCODING": "they are not UTF-8; write the file anew",
}


@dataclass(frozen=True)
class Table:
    """A raw table: its files, all of one format, and its columns with the type that DuckDB gives them (None in text files)."""

    name: str
    format: str
    files: tuple[Path, ...]
    columns: dict[str, str | None]
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def values(self, column: str) -> Counter[str]:
        """How often each text stands in a column, trimmed and without blank ones; of text files in the first hundred thousand rows."""
        if self.format == "parquet":
            quoted = '"' + column.replace('"', '""') + '"'
            rows = _query(
                f"select trim(cast({quoted} as varchar)), count(*) from {_parquet(self.files)} where {quoted} is not null group by 1"
            )
            return Counter({str(value): int(str(rows_of_it)) for value, rows_of_it in rows if value})
        return Counter(text for (text,) in self.texts([column]) if text)

    def texts(self, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """The trimmed texts of some columns, row by row, of the first hundred thousand rows; what is not there is blank."""
        readers = {"parquet": _parquet_rows, "csv": _csv_rows, "jsonl": _json_texts}
        rows = (row for file in self.files for row in readers[self.format](file, columns))
        return (tuple("" if value is None else str(value).strip() for value in row) for row in islice(rows, LINES_FOR_VALUES))


def tables_in(folder: Path) -> tuple[dict[str, Table], list[str]]:
    """The tables of a folder by name, and the files that are none.

    Raises CommandError when a table has files of several formats or a file cannot be read.
    """
    files: dict[str, list[Path]] = {}
    ignored: list[str] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        relative = path.relative_to(folder)
        name = relative.parts[0].split(".")[0]
        if _format(path) and TABLE_NAME.fullmatch(name):
            files.setdefault(name, []).append(path)
        elif not relative.name.startswith("."):
            ignored.append(relative.as_posix())
    return {name: _table(name, tuple(paths)) for name, paths in files.items()}, ignored


def _format(path: Path) -> str | None:
    return next((kind for ending, kind in ENDINGS.items() if path.name.lower().endswith(ending)), None)


def _table(name: str, files: tuple[Path, ...]) -> Table:
    formats = {_format(file) or "" for file in files}
    if len(formats) > 1:
        shown = ", ".join(file.name for file in files[:MOST_FILES_SHOWN]) + (" ..." if len(files) > MOST_FILES_SHOWN else "")
        folders = {file.parent for file in files if file.parent.name == name}
        hint = f" Is {min(folders).parent} the folder above the source's? Then name the source's own." if folders else ""
        raise CommandError(f"{name} has files of several formats: {shown}.{hint}")
    (kind,) = formats
    try:
        found = _parquet_columns(files) if kind == "parquet" else _text_columns(files, kind)
        notes = tuple(note for file in files for note in _rejections(file)) if kind == "csv" else ()
    except (OSError, ValueError, csv.Error, duckdb.Error) as error:
        raise CommandError(f"{name} cannot be read: {str(error).splitlines()[0]}") from error
    columns: dict[str, str | None] = {}
    for column, data_type in found.items():
        # Columns are told apart whatever their case.
        if COLUMN_NAME.fullmatch(column) and not column.startswith("_raw_") and column.lower() not in map(str.lower, columns):
            columns[column] = data_type
    return Table(name, kind, files, columns, tuple(column for column in found if column not in columns), notes)


def _parquet(files: tuple[Path, ...]) -> str:
    names = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    return f"read_parquet([{names}], union_by_name = true)"


def _query(query: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


def _parquet_columns(files: tuple[Path, ...]) -> dict[str, str | None]:
    return {str(row[0]): str(row[1]) for row in _query(f"describe select * from {_parquet(files)}")}


def _text_columns(files: tuple[Path, ...], kind: str) -> dict[str, str | None]:
    columns: dict[str, str | None] = {}
    for file in files:
        if kind == "csv":
            columns |= dict.fromkeys(name for name in _header(file) if name)
        else:
            for row in islice(_json_rows(file), LINES_FOR_COLUMNS):
                columns |= dict.fromkeys(row)
    return columns


def _opened(file: Path) -> TextIO:
    if file.name.lower().endswith(".gz"):
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open(encoding="utf-8-sig", newline="")


def _header(file: Path) -> list[str]:
    with _opened(file) as lines:
        return [name.strip() for name in next(csv.reader(lines), [])]


def _csv(file: Path, width: int) -> str:
    """A CSV file in SQL, its columns called c0, c1 ..., with the settings of macros/engine/register_raw.sql."""
    name = str(file).replace("'", "''")
    columns = ", ".join(f"c{position}: 'VARCHAR'" for position in range(width))
    return (
        f"read_csv('{name}', auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', strict_mode = true, parallel = false, "
        f"store_rejects = true, columns = {{{columns}}}) as csv_row"
    )


def _csv_rows(file: Path, columns: Sequence[str]) -> Iterator[tuple[object, ...]]:
    """Some columns of a CSV file; of several of one name the first."""
    header = _header(file)
    chosen = ", ".join(f"c{header.index(column)}" if column in header else "null" for column in columns)
    yield from _query(f"select {chosen} from {_csv(file, len(header))} limit {LINES_FOR_VALUES}") if header else []


def _rejections(file: Path) -> Iterator[str]:
    """What a build would say of the lines of a CSV file that it cannot read."""
    header = _header(file)
    if not header:
        return
    with duckdb.connect() as connection:
        read = connection.execute(
            f"select count(csv_row) from (select csv_row from {_csv(file, len(header))} limit {LINES_FOR_VALUES})"
        ).fetchall()[0][0]
        rejected = connection.execute(
            "select error_type, count(*) from ("
            # Whatever becomes of a quote that is written so, it is the cause.
            "select case when bool_or(contains(csv_line, '\\\"')) then 'UNQUOTED VALUE' else min(cast(error_type as varchar)) end as error_type "
            "from reject_errors group by line) group by all order by all"
        ).fetchall()
    rows = read + sum(count for _, count in rejected)
    for error_type, count in rejected:
        advice = ADVICE.get(error_type, str(error_type).lower())
        yield f"{count} of {rows} rows of {file.name} are no CSV as the build reads it: {advice}."


def _parquet_rows(file: Path, columns: Sequence[str]) -> Iterator[tuple[object, ...]]:
    there = _parquet_columns((file,))
    chosen = ", ".join('"' + column.replace('"', '""') + '"' if column in there else "null" for column in columns)
    yield from _query(f"select {chosen} from {_parquet((file,))} limit {LINES_FOR_VALUES}")


def _json_texts(file: Path, columns: Sequence[str]) -> Iterator[tuple[object, ...]]:
    return (tuple(row.get(column) for column in columns) for row in _json_rows(file))


def _json_rows(file: Path) -> Iterator[dict[str, object]]:
    """The objects of a file; lines that are none are left out, as in a build."""
    with _opened(file) as lines:
        for line in lines:
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict):
                yield value
