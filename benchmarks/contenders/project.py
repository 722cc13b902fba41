"""The project itself: `dbt build` without the tests, one thread, in a fresh copy of the project with the seeds of the benchmark.

What DuckDB's statements cost is told apart from dbt's own work, by watching the cursor that dbt calls: `sql_cpu.json` in the work folder.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.contenders import Job

REPOSITORY = Path(__file__).resolve().parents[2]
PARTS = ("macros", "models", "seeds", "tests/dbt", "dbt_project.yml", "profiles.yml")
"""What dbt needs of the repository."""
NARROWED_TO = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")

SCORES = """
copy (
    select lead_id, as_of_date as scored_on, score_exact
    from marts.fct_lead_scores
    union all
    select lead_id, scored_on, score_exact
    from intermediate.int_lead_scores
    where days_before in (7, 30)
) to '{file}' (format parquet)
"""


def prepare(job: Job) -> None:
    """Copy the project into the work folder and put the seeds of the job in place of the shipped ones."""
    folder = project_folder(job)
    shutil.rmtree(folder, ignore_errors=True)
    for part in PARTS:
        source, target = REPOSITORY / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    for seed in job.seeds.glob("*.csv"):
        shutil.copy(seed, folder / "seeds" / seed.name)


def score(job: Job) -> None:
    """Build. Raises SystemExit with dbt's messages when a node fails."""
    os.environ |= {
        "LEAD_SCORING_RAW": str(job.raw),
        "LEAD_SCORING_DB": str(job.database),
        "LEAD_SCORING_THREADS": "1",
        "LEAD_SCORING_MEMORY": job.memory_limit,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    spent = watch_cursor()
    from dbt.cli.main import dbtRunner

    folder = project_folder(job)
    variables = json.dumps(
        {"as_of_date": job.as_of.isoformat(), "lead_scoring_sources": ["generic"], "lead_scoring_parts": job.parts}
    )
    outcome = dbtRunner().invoke(
        ["build", *NARROWED_TO, "--project-dir", str(folder), "--profiles-dir", str(folder), "--vars", variables, "--quiet"]
    )
    if not outcome.success:
        results = getattr(outcome.result, "results", None) or []
        raise SystemExit(
            "\n".join([str(outcome.exception or ""), *(f"{r.node.name}: {r.message}" for r in results if r.message)])
        )
    sql_cpu_file(job).write_text(json.dumps(sum(spent)), encoding="utf-8")


def watch_cursor() -> list[float]:
    """A list that grows by the CPU seconds of each statement that dbt lets DuckDB run from now on."""
    from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper

    spent: list[float] = []
    execute = DuckDBCursorWrapper.execute

    def watched(self: Any, sql: str, bindings: Any = None) -> Any:
        began = time.process_time()
        try:
            return execute(self, sql, bindings)  # type: ignore[no-untyped-call]
        finally:
            spent.append(time.process_time() - began)

    DuckDBCursorWrapper.execute = watched  # type: ignore[method-assign]
    return spent


def export_scores(job: Job) -> None:
    """Write the scores out of the database, for the comparison; not part of what is measured."""
    with duckdb.connect(str(job.database), read_only=True) as connection:
        connection.execute(SCORES.format(file=job.output))


def went_on(job: Job) -> bool:
    """Whether the last build went on from the state of the one before, and read at most the one file that is new."""
    with duckdb.connect(str(job.database), read_only=True) as connection:
        told = connection.execute(
            "select is_day_run, (select count(*) from runs.raw_files_changed) from runs.this_run"
        ).fetchall()
    return told in ([(True, 0)], [(True, 1)])


def project_folder(job: Job) -> Path:
    """The copy of the project."""
    return job.work / "project"


def sql_cpu_file(job: Job) -> Path:
    """Where the CPU seconds of the statements are told."""
    return job.work / "sql_cpu.json"
