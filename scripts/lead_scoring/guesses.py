"""What columns and codes probably mean, by their names. ``column_names.csv`` and ``code_names.csv`` say which names are known; docs/adding-a-source.md explains them."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
TIME = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|UTC|[+-]\d{2}(:?\d{2})?))?)?|\d{9,16}(\.\d+)?")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}.*")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
WHOLE_NUMBER = re.compile(r"[+-]?\d+(\.0+)?")
PATTERNS = {"timestamp": TIME, "date": DAY, "double": NUMBER, "int": WHOLE_NUMBER, "bigint": WHOLE_NUMBER}
# Names that mean something else where every value looks like this: the number of a page, the status of an answer, a form of address.
SOMETHING_ELSE = {
    ("page_path", "page"): NUMBER,
    ("event_type", "code"): NUMBER,
    ("job_title", "title"): re.compile(r"(mr|mrs|ms|miss|mx|dr|prof|sir|herr|frau|mme|mlle|m)\.?", re.IGNORECASE),
}
# Names that say what a column holds that no canonical column is made of.
NAME_SUFFIXES = {
    ("_at", "_time", "_timestamp", "_datetime", "timestamp", "datetime"): "timestamp",
    ("_date", "_on", "date"): "date",
    ("_count", "_total", "_amount", "_seconds", "_minutes", "_score", "_price", "_revenue"): "double",
}


def plain(name: str) -> str:
    """A name as names are compared: ``E-Mail Address`` and ``emailAddress`` are both ``e_mail_address`` or ``email_address``."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()).strip("_")


@cache
def _known_columns() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    with (FOLDER / "column_names.csv").open(encoding="utf-8", newline="") as file:
        return tuple((row["kind"], row["column"], tuple(row["names"].split("|"))) for row in csv.DictReader(file))


@cache
def _known_codes() -> dict[str, str]:
    with (FOLDER / "code_names.csv").open(encoding="utf-8", newline="") as file:
        return {name: row["event_type"] for row in csv.DictReader(file) for name in row["names"].split("|")}


def columns_of(
    kind: str, wanted: Iterable[str], names: Iterable[str], values: Callable[[str], Iterable[str]] = lambda _: ()
) -> dict[str, str]:
    """The raw column that each canonical column of a kind is probably made of; a raw column is taken once.

    ``wanted`` are the canonical columns (and the addresses that some are read out of, ``page_url`` and ``website``), ``names`` the raw ones, ``values`` gives what
    stands in one. A row for the kind counts before one for all kinds.
    """
    raw = {plain(name).lstrip("_") if not name.startswith("_") else name.lower(): name for name in names}
    found: dict[str, str] = {}
    wanted = list(wanted)
    for position in range(max(len(known) for _, _, known in _known_columns())):
        # All first names before any second one: where `id` and `event_id` are there, nobody takes the other's.
        for row_kind, column, known in sorted(_known_columns(), key=lambda row: row[0] != kind):
            if row_kind in (kind, "") and column in wanted and column not in found and position < len(known):
                name = raw.get(known[position])
                if (
                    name is not None
                    and name not in found.values()
                    and not _is_something_else(column, known[position], name, values)
                ):
                    found[column] = name
    return found


def _is_something_else(column: str, known: str, name: str, values: Callable[[str], Iterable[str]]) -> bool:
    """Whether all values of a raw column speak against what its name says."""
    pattern = SOMETHING_ELSE.get((column, known))
    texts = list(values(name)) if pattern else []
    return pattern is not None and bool(texts) and all(pattern.fullmatch(text) for text in texts)


def event_type_of(code: str, event_types: Iterable[str]) -> str | None:
    """The event type that a code probably stands for: its own name or one of those known; None when it says nothing."""
    name = plain(code)
    return name if name in set(event_types) else _known_codes().get(name)


def raw_type(name: str, engine_type: str | None, canonical_type: str | None, values: Mapping[str, int]) -> str:
    """The type to declare for a raw column: that of what is made of it, else that of its Parquet column, else one that its name and all its values speak for."""
    if canonical_type is not None:
        return canonical_type
    if engine_type is None:
        suffixes = ((data_type, endings) for endings, data_type in NAME_SUFFIXES.items())
        likely = next((data_type for data_type, endings in suffixes if plain(name).endswith(endings)), None)
        return likely if likely and values and not unreadable(likely, values) else "string"
    if plain(name) == "id" or plain(name).endswith("_id"):
        return "string"
    if engine_type in WHOLE:
        return "bigint"
    if engine_type in ("DOUBLE", "FLOAT") or engine_type.startswith("DECIMAL"):
        return "double"
    if engine_type.startswith("TIMESTAMP"):
        return "timestamp"
    return {"DATE": "date", "BOOLEAN": "boolean"}.get(engine_type, "string")


def unreadable(data_type: str, values: Iterable[str]) -> str | None:
    """The first of some texts that is not of a type; None when all are."""
    pattern = PATTERNS.get(data_type)
    return None if pattern is None else next((value for value in values if not pattern.fullmatch(value)), None)
