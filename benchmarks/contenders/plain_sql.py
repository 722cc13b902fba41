"""The script that an analyst would write: plain_sql.sql on DuckDB."""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.contenders import Job

SCRIPT = Path(__file__).with_suffix(".sql")


def score(job: Job) -> None:
    """Run the script and write what it leaves in `scores`."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": job.memory_limit,
        "temp_directory": str(job.work / "spilled"),
        "preserve_insertion_order": False,
    }
    with duckdb.connect(config=settings) as connection:
        for name, value in {
            "events": job.events,
            "contacts": job.contacts,
            "point_grid": str(job.seeds / "point_grid.csv"),
            "score_models": str(job.seeds / "score_models.csv"),
            "as_of": job.as_of,
        }.items():
            connection.execute(f"set variable {name} = ?", [value])
        connection.execute(SCRIPT.read_text(encoding="utf-8"))
        connection.execute(f"copy scores to '{job.output}' (format parquet)")
