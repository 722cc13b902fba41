"""Builds the project in this process, as often as a test needs it: a second build costs a fraction of the first."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT_PARTS = ("macros", "models", "seeds", "dbt_project.yml", "profiles.yml")
"""What dbt needs of the repository; the data tests are copied with them unless a test leaves them out."""

MANIFESTS: OrderedDict[str, Any] = OrderedDict()
"""What dbt made of the last few different projects in this process, by what it was made of. Parsing costs as much as building on few rows."""
MANIFESTS_KEPT = 6
NAMING_RULES = (
    "audiences",
    "audience_conditions",
    "destinations",
    "destination_lists",
    "destination_fields",
    "destination_actions",
)
"""Seeds that say who is sent where, by the names of rules and segments."""
READ_WHEN_COMPILED = ("as_of_date", "known_at", "scoring_timezone")
"""Vars that no reference and no configuration hangs on."""


def files_in(path: Path) -> list[Path]:
    """The files in a folder and in the folders in it; a file is itself."""
    return [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]


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
        self._parsed: str | None = None
        self.database = folder / "lead_scoring.duckdb"
        self.notices: list[str] = []

    def replace_seeds(self, seeds: Path) -> None:
        """Overwrite the seeds by those of a folder; seeds it does not have stay, but for those that name rules and segments: they have no row then."""
        for name in NAMING_RULES:
            shipped = self.folder / "seeds" / f"{name}.csv"
            shipped.write_text(shipped.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
        for file in seeds.glob("*.csv"):
            shutil.copy(file, self.folder / "seeds" / file.name)

    def dbt(self, *arguments: str, raw: Path, variables: Mapping[str, Any], threads: int = 2) -> Any:
        """Call dbt in this process and return its result (``success``, ``result``, ``exception``); ``notices`` has what our macros said."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        with environment(LEAD_SCORING_DB=str(self.database), LEAD_SCORING_RAW=str(raw), LEAD_SCORING_THREADS=str(threads)):
            manifest = self._manifest(variables)
            self.notices = []
            outcome = dbtRunner(manifest=manifest, callbacks=[self._note]).invoke([*arguments, *self._options(variables)])

            # dbt would hold the file until this process ends.
            if DuckDBConnectionManager._ENV is not None:
                DuckDBConnectionManager._ENV.close()
            DuckDBConnectionManager.close_all_connections()
            return outcome

    def _note(self, event: Any) -> None:
        """Keep what a macro says aloud."""
        if event.info.name == "JinjaLogInfo":
            self.notices.append(event.info.msg)

    def _manifest(self, variables: Mapping[str, Any]) -> Any:
        """What dbt makes of this copy. It is parsed once for all copies alike, with the vars of the first call: vars are read again when a model is compiled."""
        from dbt.cli.main import dbtRunner

        if self._parsed is None:
            self._parsed = self._parsed_from(variables)
        if self._parsed not in MANIFESTS:
            options = [*self._options(variables), "--no-partial-parse", "--no-write-json"]
            MANIFESTS[self._parsed] = dbtRunner().invoke(["parse", *options]).result
        MANIFESTS.move_to_end(self._parsed)
        while len(MANIFESTS) > MANIFESTS_KEPT:
            MANIFESTS.popitem(last=False)
        manifest = MANIFESTS[self._parsed]
        seeds = [node for node in manifest.nodes.values() if node.resource_type == "seed"] if manifest else []
        if any(seed.root_path != str(self.folder) for seed in seeds):
            for seed in seeds:
                seed.root_path = str(self.folder)
            # What macros see of the seeds is a copy.
            manifest.build_flat_graph()
        return manifest

    def _parsed_from(self, variables: Mapping[str, Any]) -> str:
        """A hash of what parsing depends on: the files, but for what the seeds say, and the vars, but for the dates and the zone, which no reference hangs on."""
        told = hashlib.sha256()
        for file in sorted(file for part in (*PROJECT_PARTS, "tests") for file in files_in(self.folder / part)):
            told.update(f"{file.relative_to(self.folder)}\0".encode())
            if file.suffix != ".csv":
                told.update(file.read_bytes())
        told.update(json.dumps({name: variables[name] for name in sorted(variables) if name not in READ_WHEN_COMPILED}).encode())
        return told.hexdigest()

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
        outcome = self.dbt("build", *excluded, "--no-write-json", raw=raw, variables=variables, threads=threads)
        if not outcome.success:
            results = getattr(outcome.result, "results", None) or []
            bad = [f"{node.node.name}: {node.message}" for node in results if str(node.status) in ("error", "fail")]
            raise AssertionError(f"dbt build failed: {outcome.exception or ''} " + "\n".join(bad))

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query on the built database, as dictionaries by column, fetched as a client fetches them."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def execute(self, statement: str) -> None:
        """Change the built database, for tests that show that a fault is seen."""
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(statement)
