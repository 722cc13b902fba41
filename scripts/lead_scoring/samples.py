"""Tables in a folder of raw files: what they are called, which columns they have, and what stands in them.

A table is a file ``<table>.parquet``, ``.csv``, ``.csv.gz``, ``.jsonl`` or ``.jsonl.gz``, or a folder ``<table>/`` of such files, as a build reads them. Only the
first rows of text files are looked at, and of the columns of Parquet files only those that somebody asks for.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
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


@dataclass(frozen=True)
class Table:
    """A raw table: its files, all of one format, and its columns with the type that DuckDB gives them (None in text files)."""

    name: str
    format: str
    files: tuple[Path, ...]
    columns: dict[str, str | None]
    left_out: tuple[str, ...] = ()

    def values(self, column: str) -> Counter[str]:
        """How often each text stands in a column, trimmed and without blank ones; of text files in the first hundred thousand rows."""
        if self.format == "parquet":
            quoted = '"' + column.replace('"', '""') + '"'
            rows = _query(
                f"select trim(cast({quoted} as varchar)), count(*) from {_parquet(self.files)} where {quoted} is not null group by 1"
            )
            return Counter({str(value): int(str(rows_of_it)) for value, rows_of_it in rows if value})
        texts = (
            str(row.get(column) if row.get(column) is not None else "").strip() for row in islice(self._rows(), LINES_FOR_VALUES)
        )
        return Counter(text for text in texts if text)

    def _rows(self) -> Iterator[dict[str, object]]:
        return (row for file in self.files for row in (_csv_rows(file) if self.format == "csv" else _json_rows(file)))


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
        raise CommandError(f"{name} has files of several formats: {', '.join(file.name for file in files)}.")
    (kind,) = formats
    try:
        found = _parquet_columns(files) if kind == "parquet" else _text_columns(files, kind)
    except (OSError, ValueError, csv.Error, duckdb.Error) as error:
        raise CommandError(f"{name} cannot be read: {str(error).splitlines()[0]}") from error
    columns: dict[str, str | None] = {}
    for column, data_type in found.items():
        # Columns are told apart whatever their case.
        if COLUMN_NAME.fullmatch(column) and not column.startswith("_raw_") and column.lower() not in map(str.lower, columns):
            columns[column] = data_type
    return Table(name, kind, files, columns, tuple(column for column in found if column not in columns))


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
            with _opened(file) as lines:
                columns |= dict.fromkeys(name.strip() for name in next(csv.reader(lines), []) if name.strip())
        else:
            for row in islice(_json_rows(file), LINES_FOR_COLUMNS):
                columns |= dict.fromkeys(row)
    return columns


def _opened(file: Path) -> TextIO:
    if file.name.lower().endswith(".gz"):
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open(encoding="utf-8-sig", newline="")


def _csv_rows(file: Path) -> Iterator[dict[str, object]]:
    with _opened(file) as lines:
        for row in csv.DictReader(lines):
            yield {str(name).strip(): value for name, value in row.items()}


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
