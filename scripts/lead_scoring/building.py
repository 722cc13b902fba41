"""Building everything: check the bytes, call dbt, say what came of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from lead_scoring import checks, dbt, publishing, seeds
from lead_scoring.errors import AUDIT_FAILED, CommandError, engine_error
from lead_scoring.locks import database_locked
from lead_scoring.project import PROJECT, SEEDS, shown_path

# No artefacts and no log file, which cost more than the sample's SQL.
WITHOUT_ARTEFACTS = ("--no-write-json", "--log-level-file", "none")

# What computes, and the one test that stops a faulty grid.
WITHOUT_TESTS = (
    "build",
    *("--select", "resource_type:model", "resource_type:seed", "assert_config_has_no_faults", "--indirect-selection", "empty"),
)

# Seeds and staging stand in the database as the run before left them and found no fault in them, when no file of the project and no var but the date has changed since.
PREPARED = ("run", "--exclude", "path:models/staging")


def build(
    database: Path,
    variables: Mapping[str, Any],
    extra_arguments: Sequence[str] = (),
    extra_environment: Mapping[str, str] | None = None,
    on_progress: Callable[[int, int, str], None] | None = None,
    tests: bool = True,
    publish: bool = True,
    accept_guards: bool = False,
) -> tuple[dbt.Run, publishing.Published | None]:
    """Build everything into ``database`` and publish it; without ``tests`` only what the run before did not leave as it would be made again.

    Raises CommandError when something stopped it; what was published before stands.
    """
    faults = seeds.check_files(SEEDS)
    if faults:
        raise checks.faults_error(faults)
    with database_locked(database):
        is_new = not database.exists()
        probe(database)
        publishing.settle(database)
        fingerprint = fingerprint_of(variables)
        if tests:
            arguments = ["build", *extra_arguments]
        else:
            computing = PREPARED if is_prepared(database, fingerprint) else WITHOUT_TESTS
            arguments = [*computing, *WITHOUT_ARTEFACTS, *extra_arguments]
        awaits = {"LEAD_SCORING_AWAITS_PUBLICATION": "yes"} if publish else {}
        result = dbt.run(arguments, variables, {**(extra_environment or {}), **awaits}, on_progress)
        faults = checks.faults_of(result, database)
        if not faults and not result.exit_code:
            keep_prepared(database, fingerprint)
        if faults:
            raise checks.faults_error(faults, " Nothing was scored: the published tables are those of the run before.")
        if result.exit_code:
            raise failure_of(result, database)
        if not publish:
            return result, None
        is_dated = bool(variables.get("as_of_date"))
        return result, publishing.publish(database, accept_guards, is_tested=tests, is_dated=is_dated, is_new=is_new)


def failure_of(result: dbt.Run, database: Path) -> CommandError:
    """The error of a call that failed: that of the audit (4) where it was tests that failed."""
    error = dbt.error_of(result, shown_path(database))
    if result.failed and not result.errors and all(node.resource_type == "test" for node in result.failed):
        before = publishing.current(publishing.published_folder(database))
        return CommandError(
            f"{error.message}\nThe audit failed, so nothing was published; {publishing.stands(before)}",
            AUDIT_FAILED,
            **error.details,
        )
    return error


def fingerprint_of(variables: Mapping[str, Any]) -> str:
    """A hash of all that decides the seeds and the staging models: the files of the project and the vars, but for the dates, which they do not know."""
    told = hashlib.sha256()
    for file in sorted(
        file for folder in ("macros", "models", "seeds") for file in (PROJECT / folder).rglob("*") if file.is_file()
    ):
        told.update(f"{file.relative_to(PROJECT)}\0".encode() + file.read_bytes() + b"\0")
    for name in ("dbt_project.yml", "profiles.yml"):
        told.update((PROJECT / name).read_bytes() + b"\0")
    told.update(
        json.dumps(
            {name: value for name, value in variables.items() if name != "as_of_date"}, sort_keys=True, default=str
        ).encode()
    )
    return told.hexdigest()


def is_prepared(database: Path, fingerprint: str) -> bool:
    """Whether the seeds and the staging models stand in the database as they would be made again. Every run of dbt takes the mark away before it starts."""
    if not database.exists():
        return False
    with duckdb.connect(str(database), read_only=True) as connection:
        try:
            return bool(
                connection.execute("select count(*) from runs.prepared where fingerprint = ?", [fingerprint]).fetchall()[0][0]
            )
        except duckdb.CatalogException:
            return False


def keep_prepared(database: Path, fingerprint: str) -> None:
    """Set the mark that ``is_prepared`` looks for."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("insert into runs.prepared values (?)", [fingerprint])


def probe(database: Path) -> None:
    """Say at once that a file is in use or broken, before dbt has spent seconds on parsing."""
    if not database.parent.is_dir():
        raise CommandError(f"The folder {shown_path(database.parent)} for the database does not exist.")
    if not database.exists():
        return
    try:
        duckdb.connect(str(database)).close()
    except duckdb.Error as error:
        raise engine_error(str(error), shown_path(database)) or CommandError(
            f"{shown_path(database)} cannot be opened: {str(error).splitlines()[0]} Bring back a copy of it; or remove it and build again, without the history of what was published."
        ) from error
