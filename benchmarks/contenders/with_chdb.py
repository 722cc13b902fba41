"""ClickHouse inside Python (chDB): with_chdb.sql. Rules and decay factors come out of two small files that are written first."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from chdb import session

from benchmarks.contenders import Job
from benchmarks.generate import DAYS_OF_HISTORY
from benchmarks.rules import POINT_UNIT, SCORE_UNIT, read_score_model

SCRIPT = Path(__file__).with_suffix(".sql")
NO_BOUND = 10**15
"""What stands for a cap that a rule does not have."""
OLDEST = 2 * DAYS_OF_HISTORY
"""No event is older, in days."""


def score(job: Job) -> None:
    """Write the two files, then run the script statement by statement."""
    model = read_score_model(job.seeds)
    rules, factors = job.work / "rules.csv", job.work / "factors.csv"
    write(
        rules,
        ("rule", "event_type", "operator", "operand", "points", "max_per_day", "max_points"),
        (
            (
                number, rule.event_type, rule.operator or "", rule.operand or "", int(rule.points * POINT_UNIT),
                rule.max_per_day or NO_BOUND, int(rule.max_points * SCORE_UNIT) if rule.max_points else NO_BOUND,
            )
            for number, rule in enumerate(model.rules)
        ),
    )  # fmt: skip
    write(
        factors,
        ("rule", "age", "factor"),
        ((number, age, rule.factor(age)) for number, rule in enumerate(model.rules) for age in range(OLDEST)),
    )
    script = SCRIPT.read_text(encoding="utf-8").format(
        events=job.events,
        contacts=job.contacts,
        rules=rules,
        factors=factors,
        as_of=job.as_of,
        output=job.output,
        score_min=model.score_min * SCORE_UNIT,
        score_max=model.score_max * SCORE_UNIT,
    )
    with session.Session(str(job.work / "chdb")) as clickhouse:
        clickhouse.query("create database benchmark engine = Atomic")
        clickhouse.query("use benchmark")
        clickhouse.query("set join_use_nulls = 1")
        for statement in script.split(";\n"):
            if statement.strip():
                clickhouse.query(statement)


def write(file: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
