"""What it takes beyond deleting rows until an erased person is in no byte of any file of ours."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lead_scoring.activation import outcomes
from lead_scoring.database import identifier, quoted
from lead_scoring.errors import CommandError, engine_error
from lead_scoring.project import PROJECT, shown_path

# What dbt and the commands write beside the database, and may quote rows in.
WRITTEN_BESIDE = ("logs", "target/run", "target/compiled", "target/run_results.json", "target/check", "target/restate")


@dataclass(frozen=True)
class Erased:
    """Erased people who have not been purged from the files yet: how many, and every id that they ever bore."""

    people: Sequence[str]
    lead_ids: Sequence[str]

    def __bool__(self) -> bool:
        """Whether there is anybody."""
        return bool(self.people)


def pending(connection: duckdb.DuckDBPyConnection, built: str) -> Erased:
    """Who was erased and has not been purged from the files."""
    known = connection.execute(f"select lead_id from {built}.intermediate.int_erased_leads").fetchall()
    purged = connection.execute(f"select lead_id from {built}.runs.purged").fetchall() if has_log(connection, built) else []
    people = sorted({lead_id for (lead_id,) in known} - {lead_id for (lead_id,) in purged})
    if not people:
        return Erased([], [])
    aliases = connection.execute(
        f"select alias_id from {built}.intermediate.int_lead_aliases where lead_id in (select unnest(?::varchar[]))", [people]
    ).fetchall()
    return Erased(people, sorted({*people, *(alias for (alias,) in aliases)}))


def write_proof(connection: duckdb.DuckDBPyConnection, built: str, table: str, erased: Erased, at: str) -> None:
    """Make the table that says when people were purged and how many, by earlier runs and by this one, never who."""
    connection.execute(f"create table {table} (purged_at timestamp, people bigint)")
    if has_log(connection, built):
        connection.execute(f"insert into {table} select purged_at, people from {built}.runs.purges")
    if erased:
        connection.execute(f"insert into {table} values (?, ?)", [at, len(erased.people)])


def has_log(connection: duckdb.DuckDBPyConnection, built: str) -> bool:
    """Whether anybody was ever purged."""
    query = "select 1 from information_schema.tables where table_catalog = ? and table_schema = 'runs' and table_name = 'purges'"
    return bool(connection.execute(query, [built.strip('"')]).fetchall())


def lines_are_kept(connection: duckdb.DuckDBPyConnection, built: str) -> bool:
    """Whether the database holds lines of raw text files as they were read, and somebody was erased whom they may name."""
    lines = connection.execute(
        "select count(*) from duckdb_tables() where database_name = ? and starts_with(schema_name, 'raw_') and estimated_size > 0",
        [built.strip('"')],
    ).fetchall()[0][0]
    return bool(lines) and bool(count(connection, f"{built}.intermediate.int_erased_leads"))


def purge(database: Path, erased: Erased, at: str, is_new: bool) -> None:
    """Write the database into a new file, which holds no byte of a deleted row, remove what was written beside it, and note when and how many.

    What pushes wrote down about these people goes too (docs/activation.md).
    Of a database that the run itself began (``is_new``) nothing has to be taken out: whoever is erased was never let in. Raises CommandError when there is no room
    or the copy is not whole; then the database is as it was, and the next run tries again.
    """
    # First of all, and of a new database too: the outcomes of pushes are older than it may be, and what was sent is deleted there by the next push.
    outcomes.forget(database, erased.lead_ids)
    if not is_new:
        rewrite(database)
    for name in () if is_new else WRITTEN_BESIDE:
        path = PROJECT / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as connection:
        connection.execute("begin")
        connection.execute("create table if not exists runs.purges (purged_at timestamp, people bigint)")
        connection.execute("create table if not exists runs.purged (lead_id varchar)")
        connection.execute("insert into runs.purges values (?, ?)", [at, len(erased.people)])
        connection.execute("insert into runs.purged select unnest(?::varchar[])", [list(erased.people)])
        connection.execute("commit")


def rewrite(database: Path) -> None:
    """Put a fresh copy in the database's place. What was read of text files is left out: the next run reads it anew, without the erased."""
    copy = database.with_name(f"{database.name}.rewritten")
    remove(copy)
    try:
        with duckdb.connect() as connection:
            built = identifier(database.stem)
            connection.execute(f"attach {quoted(str(database))} as {built}")
            raw = (
                "select schema_name from information_schema.schemata where catalog_name = ? and starts_with(schema_name, 'raw_')"
            )
            for (schema,) in connection.execute(raw, [database.stem]).fetchall():
                connection.execute(f"drop schema {built}.{identifier(schema)} cascade")
            connection.execute(f"attach {quoted(str(copy))} as rewritten")
            connection.execute(f"copy from database {built} to rewritten")
            if contents(connection, database.stem) != contents(connection, "rewritten"):
                raise CommandError(f"{shown_path(database)} could not be copied whole; it was left as it is.")
            connection.execute("detach rewritten")
            connection.execute(f"detach {built}")
    except (duckdb.Error, OSError, CommandError) as error:
        remove(copy)
        if isinstance(error, CommandError):
            raise
        raise engine_error(str(error), shown_path(database)) or CommandError(f"{shown_path(database)}: {error}") from error
    copy.replace(database)


def remove(file: Path) -> None:
    """Remove a database that was half written, with the log that a killed process left beside it."""
    file.unlink(missing_ok=True)
    file.with_name(f"{file.name}.wal").unlink(missing_ok=True)


def contents(connection: duckdb.DuckDBPyConnection, catalog: str) -> list[tuple[str, str, int | None]]:
    """The tables of a database with their rows, and its views."""
    found = connection.execute(
        "select table_schema, table_name, table_type from information_schema.tables where table_catalog = ? order by all",
        [catalog],
    ).fetchall()
    return [
        (
            schema,
            name,
            None if kind == "VIEW" else count(connection, f"{identifier(catalog)}.{identifier(schema)}.{identifier(name)}"),
        )
        for schema, name, kind in found
    ]


def count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    """The rows of a table."""
    return int(connection.execute(f"select count(*) from {relation}").fetchall()[0][0])
