"""Building everything: check the bytes, call dbt, say what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from lead_scoring import checks, dbt, seeds
from lead_scoring.errors import CommandError, engine_error
from lead_scoring.locks import locked
from lead_scoring.project import SEEDS, shown_path


def build(
    database: Path,
    variables: Mapping[str, Any],
    extra_arguments: Sequence[str] = (),
    extra_environment: Mapping[str, str] | None = None,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> dbt.Run:
    """Build everything into ``database``. Raises CommandError when something stopped it; what was published before a fault of the seeds stands."""
    faults = seeds.check_files(SEEDS)
    if faults:
        raise checks.faults_error(faults)
    with locked(database.with_name(database.name + ".lock"), what=shown_path(database)):
        probe(database)
        result = dbt.run(["build", *extra_arguments], variables, extra_environment, on_progress)
        faults = checks.faults_of(result, database)
    if faults:
        raise checks.faults_error(faults, " Nothing was scored: the published tables are those of the run before.")
    if result.exit_code:
        raise dbt.error_of(result, shown_path(database))
    return result


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
