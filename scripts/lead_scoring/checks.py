"""Whether the seeds make sense: first their bytes, then what they say, each fault with its file and line."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from lead_scoring import dbt, seeds
from lead_scoring.database import Database, opened
from lead_scoring.errors import CommandError
from lead_scoring.locks import locked
from lead_scoring.project import PROJECT, SEEDS

FAULTS = "staging.stg_config__faults"
SCRATCH = PROJECT / "target" / "check"


def shown(fault: seeds.Fault, seeds_dir: Path = SEEDS) -> str:
    """A fault on one line: ``seeds/point_grid.csv:17: default / pricing_visit: column decay_days: is missing``."""
    path = seeds.find(seeds_dir, fault.file)
    return str(fault if path is None else replace(fault, file=path.relative_to(seeds_dir.parent).as_posix()))


def config_faults(database: Database, seeds_dir: Path = SEEDS) -> list[seeds.Fault]:
    """What a build found the seeds to say wrongly, file by file, line by line."""
    rows = database.rows(f"select file, score_model, rule_id, row_key, column_name, reason from {FAULTS}")
    return sorted((seeds.located(row, seeds_dir) for row in rows), key=lambda fault: (fault.file, fault.line or 0, str(fault)))


def check(on_progress: Callable[[int, int, str], None] | None = None) -> list[seeds.Fault]:
    """Check the seeds without touching what is published: the config part of the project is built into a file of its own."""
    faults = seeds.check_files(SEEDS)
    if faults:
        return faults
    with scratch() as (database, environment):
        result = dbt.run(
            [
                "build",
                "--select",
                "path:seeds",
                "path:models/staging/config",
                "--indirect-selection",
                "cautious",
                "--exclude-resource-type",
                "unit_test",
                "--target-path",
                str(SCRATCH / "dbt"),
            ],
            extra_environment=environment,
            on_progress=on_progress,
        )
        faults = faults_of(result, database)
        if not faults and result.exit_code:
            raise dbt.error_of(result, "The file that the check works in")
        return faults


def faults_of(result: dbt.Run, database: Path) -> list[seeds.Fault]:
    """The faults in a database that a call of dbt has written; none when the call did not come as far as the test on them."""
    if not database.exists() or not any(node.resource_type == "test" for node in result.failed):
        return []
    with opened(database) as reader:
        return config_faults(reader) if reader.has(FAULTS) else []


@contextmanager
def scratch() -> Iterator[tuple[Path, dict[str, str]]]:
    """An empty database and an empty raw folder for one check at a time; removed afterwards. Their names stay, so that dbt need not parse anew."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    database = SCRATCH / "config.duckdb"
    raw = SCRATCH / "no_raw_data"
    with locked(SCRATCH / "lock", wait=True):
        for left_over in SCRATCH.glob("config.duckdb*"):
            left_over.unlink()
        raw.mkdir(exist_ok=True)
        try:
            yield (
                database,
                {"LEAD_SCORING_DB": str(database), "LEAD_SCORING_RAW": str(raw), "DBT_LOG_PATH": str(SCRATCH / "logs")},
            )
        finally:
            for left_over in SCRATCH.glob("config.duckdb*"):
                left_over.unlink()
            shutil.rmtree(raw, ignore_errors=True)


def faults_error(faults: list[seeds.Fault], note: str = "") -> CommandError:
    """The error that names every fault."""
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return CommandError(
        "\n".join([*(shown(fault) for fault in faults), f"{count} in the seeds.{note}"]),
        faults=[asdict(fault) for fault in faults],
    )
