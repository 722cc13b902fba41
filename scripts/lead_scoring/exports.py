"""CSV files that people open: text that a spreadsheet would run as a formula gets an apostrophe before it; numbers and dates stay as they are."""

from __future__ import annotations

from pathlib import Path

import duckdb

from lead_scoring.database import identifier, quoted

# What a spreadsheet takes for the beginning of a formula, also behind white space.
FORMULA = r"^[\s\x{feff}]*[=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}]|^[\t\r]"


def write_csv(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write what a query finds into a CSV file with a header, whole or not at all."""
    columns = connection.execute(f"describe {query}").fetchall()
    part = file.with_name(f"{file.name}.part")
    selected = ", ".join(safe(name) if kind == "VARCHAR" else identifier(name) for name, kind, *_ in columns)
    connection.execute(f"copy (select {selected} from ({query})) to {quoted(str(part))} (format csv, header)")
    part.replace(file)


def safe(column: str) -> str:
    """A text column for a select list, without a cell that a spreadsheet would run."""
    name = identifier(column)
    return f"case when regexp_matches({name}, {quoted(FORMULA)}) then chr(39) || {name} else {name} end as {name}"
