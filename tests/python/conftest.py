"""What the tests share: a project that has built the sample once, copies of the project to break, and the real data."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import landing
import pytest
from building import Project

if sys.platform != "win32":
    import fcntl

REPOSITORY = Path(__file__).resolve().parents[2]
SHIPPED = (
    "analyses",
    "docs",
    "macros",
    "models",
    "sample",
    "scripts",
    "seeds",
    "tests/dbt",
    "dbt_project.yml",
    "profiles.yml",
    "Makefile",
)
SAMPLE_LAST_DAY = "2026-03-10"

# Real data is not part of the repository. This names its folder; otherwise shared/data beside the repository is looked for.
TEST_DATA = "LEAD_SCORING_TEST_DATA"
NO_REAL_DATA = "real data is not here"


STARTED_FIRST = (
    *("test_marketo", "test_day_runs", "test_presets", "test_every_row_matters", "test_kills", "test_agreement_in_utc"),
    *("test_agreement_in_berlin", "test_faults", "test_cli", "test_trust", "test_seed_faults", "test_publishing"),
    *("test_bad_inputs", "test_install", "test_fuzz", "test_new_source", "test_hubspot", "test_history", "test_house_rules"),
    *("test_raw_files", "test_reproducibility", "test_agreement", "test_use_preset", "test_shared_tables_load"),
)
"""The files that take longest, so that no worker is left with one of them at the end; the first builds what all sources share, and the others need not wait for it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first; within a file, and among the others, the order stays. pytest-xdist keeps it with --no-loadscope-reorder."""
    place = {name: number for number, name in enumerate(STARTED_FIRST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


@dataclass(frozen=True)
class Copy:
    """A copy of the project in a folder of its own."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "lead_scoring.duckdb"

    def cli(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command line of the copy as a user does, its output piped."""
        return subprocess.run(
            [sys.executable, "scripts/lead_scoring", *arguments],
            cwd=self.folder,
            env=clean_environment(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=600,
        )


def clean_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without what the caller of the tests may have set for the project, and without colour."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LEAD_SCORING_", "DBT_", "MAKE", "MFLAGS"))
        and name not in ("FORCE_COLOR", "PY_COLORS", "COLUMNS", "EMAIL")
    }
    return {**kept, "PYTHONUTF8": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", **(more or {})}


def copy_project(folder: Path) -> Copy:
    """Copy what a clone has, without what a build left behind."""
    folder.mkdir(parents=True)
    for part in SHIPPED:
        source, target = REPOSITORY / part, folder / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "target", "logs"))
        elif source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    return Copy(folder)


@contextmanager
def once_for_all_workers(tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[Path]:
    """A folder that all workers of pytest-xdist share, held by one of them at a time."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    with (root / f"{name}.lock").open("w") as lock:
        if sys.platform != "win32":
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield root / name


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy of the project that has built the sample as `make demo` does. Read it; break a copy of it."""
    with once_for_all_workers(tmp_path_factory, "demo") as folder:
        done = folder / "built.json"
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            copy = copy_project(folder)
            built = copy.cli(
                "build", "--source", "generic", "--as-of-date", SAMPLE_LAST_DAY, "--json", LEAD_SCORING_RAW="sample/raw"
            )
            done.write_text(
                json.dumps({"exit_code": built.returncode, "stdout": built.stdout, "stderr": built.stderr}), encoding="utf-8"
            )
        told = json.loads(done.read_text(encoding="utf-8"))
        assert told["exit_code"] == 0, told["stdout"] + told["stderr"]
        return Copy(folder)


@pytest.fixture(scope="session")
def demo_database(demo: Copy) -> Path:
    """The DuckDB file of the sample, to be opened for reading only."""
    return demo.database


def built_once(tmp_path_factory: pytest.TempPathFactory, name: str, raw: Path, variables: Mapping[str, Any]) -> Project:
    """The project built on a raw folder, data tests included, once for all workers; the others wait and read."""
    with once_for_all_workers(tmp_path_factory, name) as folder:
        done = folder / "built"
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            Project(folder).build(raw, variables, without=("unit_test",))
            done.touch()
        return Project.at(folder)


@pytest.fixture(scope="session")
def all_sources(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project built on the made-up tables of every source at once. Read it, do not change it."""
    variables = {"as_of_date": landing.AS_OF, "lead_scoring_sources": landing.sources_in(landing.SOURCES)}
    return built_once(tmp_path_factory, "all_sources", landing.SOURCES, variables)


@pytest.fixture(scope="session")
def all_landed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project built on the real tables of every source that has some. Read it, do not change it."""
    return built_once(tmp_path_factory, "all_landed", landing.LANDED, landing.landed_variables())


@pytest.fixture
def broken_copy(tmp_path: Path, demo: Copy) -> Copy:
    """A copy of the built project, with its database, to be broken by one test."""
    folder = tmp_path / "project"
    shutil.copytree(demo.folder, folder, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", "raw"))
    (folder / "sample" / "raw").symlink_to(demo.folder / "sample" / "raw", target_is_directory=True)
    return Copy(folder)


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """Gives the folder of a set of real data; the test is skipped, loudly, where it is not there."""

    def folder(name: str) -> Path:
        root = Path(os.environ[TEST_DATA]) if os.environ.get(TEST_DATA) else REPOSITORY.parent / "shared" / "data"
        if not (root / name).exists():
            pytest.skip(f"{NO_REAL_DATA}: no {name}; set {TEST_DATA} to the folder that holds it")
        return root / name

    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was tried, and aloud how much was not tested for want of real data."""
    tried = [
        value for report in terminalreporter.stats.get("passed", []) for name, value in report.user_properties if name == "tried"
    ]
    if tried:
        terminalreporter.section("tried")
        for line in tried:
            terminalreporter.line(str(line))
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if NO_REAL_DATA in str(report.longrepr)]
    if skipped:
        terminalreporter.section("REAL DATA NOT TESTED", sep="!", red=True, bold=True)
        terminalreporter.line(f"{len(skipped)} tests were skipped because real data is not here. Set {TEST_DATA} to its folder.")
