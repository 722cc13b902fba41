"""Builds the project in this process, as often as a test needs it: a second build costs a fraction of the first."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT_PARTS = ("macros", "models", "seeds", "dbt_project.yml", "profiles.yml")
"""What dbt needs of the repository; the data tests are copied with them unless a test leaves them out."""


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """The process environment with these variables, restored afterwards."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class Project:
    """A copy of the project in a folder of its own, with a database of its own."""

    def __init__(self, folder: Path) -> None:
        """Copy the project into ``folder``, which is made."""
        self._stand_in(folder)
        folder.mkdir(parents=True)
        for part in PROJECT_PARTS:
            source = REPOSITORY / part
            if source.is_dir():
                shutil.copytree(source, folder / part)
            else:
                shutil.copy(source, folder / part)
        shutil.copytree(REPOSITORY / "tests" / "dbt", folder / "tests" / "dbt")

    @classmethod
    def at(cls, folder: Path) -> Project:
        """The copy that stands in ``folder`` already."""
        project = cls.__new__(cls)
        project._stand_in(folder)
        return project

    def _stand_in(self, folder: Path) -> None:
        self.folder = folder
        self._manifest: Any = None
        self.database = folder / "lead_scoring.duckdb"

    def replace_seeds(self, seeds: Path) -> None:
        """Overwrite the seeds by those of a folder; seeds it does not have stay."""
        for file in seeds.glob("*.csv"):
            shutil.copy(file, self.folder / "seeds" / file.name)

    def dbt(self, *arguments: str, raw: Path, variables: Mapping[str, Any], threads: int = 2) -> Any:
        """Call dbt in this process and return its result (``success``, ``result``, ``exception``)."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        with environment(LEAD_SCORING_DB=str(self.database), LEAD_SCORING_RAW=str(raw), LEAD_SCORING_THREADS=str(threads)):
            # Parsing costs more than half a build; the vars are read again when a model is compiled.
            if self._manifest is None:
                self._manifest = dbtRunner().invoke(["parse", *self._options(variables)]).result
            outcome = dbtRunner(manifest=self._manifest).invoke([*arguments, *self._options(variables)])

            # dbt would hold the file until this process ends.
            if DuckDBConnectionManager._ENV is not None:
                DuckDBConnectionManager._ENV.close()
            DuckDBConnectionManager.close_all_connections()
            return outcome

    def _options(self, variables: Mapping[str, Any]) -> list[str]:
        """The options of every call: this copy, nothing on the terminal."""
        return [
            "--project-dir", str(self.folder),
            "--profiles-dir", str(self.folder),
            "--target-path", str(self.folder / "target"),
            "--log-path", str(self.folder / "logs"),
            "--log-level", "none",
            "--no-version-check",
            "--vars", json.dumps(dict(variables)),
        ]  # fmt: skip

    def build(
        self, raw: Path, variables: Mapping[str, Any], threads: int = 2, without: Sequence[str] = ("test", "unit_test")
    ) -> None:
        """Build everything but the resource types in ``without``.

        Raises AssertionError with dbt's messages when a node fails.
        """
        excluded = [word for kind in without for word in ("--exclude-resource-type", kind)]
        outcome = self.dbt("build", *excluded, raw=raw, variables=variables, threads=threads)
        if not outcome.success:
            results = getattr(outcome.result, "results", None) or []
            bad = [f"{node.node.name}: {node.message}" for node in results if str(node.status) in ("error", "fail")]
            raise AssertionError(f"dbt build failed: {outcome.exception or ''} " + "\n".join(bad))

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query on the built database, as dictionaries by column."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def execute(self, statement: str) -> None:
        """Change the built database, for tests that show that a fault is seen."""
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(statement)
