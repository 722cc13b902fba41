"""The published tables, opened for reading only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from lead_scoring.errors import CommandError, engine_error
from lead_scoring.project import shown_path

# What SQL may do here is read these tables: no files, no extensions, no Python variables.
READING_ONLY: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "lock_configuration": "true",
}

Row = dict[str, Any]


class Database:
    """A DuckDB file with the tables of a build."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self.connection = connection
        self.path = path

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """The rows of a query, each as a dictionary."""
        try:
            return records(self.connection, query, parameters)
        except duckdb.CatalogException as error:
            missing = str(error).splitlines()[0].removeprefix("Catalog Error: ")
            raise CommandError(
                f"{shown_path(self.path)} is not built: {missing} Run `make build` (your data) or `make demo` (the sample)."
            ) from error
        except duckdb.Error as error:
            raise engine_error(str(error), shown_path(self.path)) or CommandError(f"{shown_path(self.path)}: {error}") from error

    def has(self, *tables: str) -> bool:
        """Whether all the tables, named schema.table, are there."""
        found = {
            f"{row['table_schema']}.{row['table_name']}"
            for row in self.rows("select table_schema, table_name from information_schema.tables")
        }
        return set(tables) <= found

    def is_half_built(self) -> bool:
        """Whether the last run did not end: then its tables may be of two runs."""
        return self.has("runs.complete") and not self.rows("select * from runs.complete")

    def score_model(self, named: str | None) -> str:
        """The score model asked for, or the default one."""
        models = self.rows("select distinct score_model from marts.fct_lead_scores order by score_model")
        names = [row["score_model"] for row in models]
        if named is not None:
            if named not in names:
                raise CommandError(f"There is no score model {named}; there is {', '.join(names) or 'none'}.")
            return named
        if self.has("staging.stg_config__score_models"):
            default = self.rows("select score_model from staging.stg_config__score_models where is_default")
            if default and default[0]["score_model"] in names:
                return str(default[0]["score_model"])
        if not names:
            raise CommandError(f"{shown_path(self.path)} holds no lead yet: the raw data had none.")
        return str(names[0])


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """Open the file for reading; a file that is missing, broken or being written is said in words."""
    if not path.exists():
        raise CommandError(
            f"There is no database at {shown_path(path)}. Run `make demo` (the sample) or `make build` (your data), or set LEAD_SCORING_DB."
        )
    try:
        connection = duckdb.connect(str(path), read_only=True, config=READING_ONLY)
    except duckdb.Error as error:
        raise engine_error(str(error), shown_path(path)) or CommandError(
            f"{shown_path(path)} cannot be opened: {str(error).splitlines()[0]}"
        ) from error
    try:
        yield Database(connection, path)
    finally:
        connection.close()


def records(connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """The rows of a query, each as a dictionary."""
    cursor = connection.execute(query, list(parameters))
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'
