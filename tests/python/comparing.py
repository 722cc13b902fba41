"""Holds what dbt built against what the oracle says, digit by digit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import oracle
from building import Project

MOST_DIFFERENCES = 20
"""How many differences a message lists."""


def differences(project: Project, expected: oracle.Result) -> list[str]:
    """Every difference between the marts of ``project`` and ``expected``, one line each; empty when they agree."""
    return [
        *_compare("dim_leads", ("lead_id",), project.rows("select * from marts.dim_leads"), list(expected.leads.values())),
        *_compare(
            "fct_lead_scores",
            ("lead_id", "score_model"),
            project.rows("select * from marts.fct_lead_scores"),
            [row._asdict() for row in expected.scores],
        ),
        *_compare(
            "fct_lead_score_contributions",
            ("lead_id", "score_model", "entry_type", "entry_id"),
            project.rows("select * from marts.fct_lead_score_contributions"),
            [row._asdict() for row in expected.contributions],
        ),
        *_compare_event_rows(project, expected),
    ]


def assert_agrees(project: Project, expected: oracle.Result, what: str) -> None:
    """Raise AssertionError that lists the first differences."""
    found = differences(project, expected)
    assert not found, f"{what}: {len(found)} differences\n" + "\n".join(found[:MOST_DIFFERENCES])


def _compare(
    table: str, key: tuple[str, ...], built: Iterable[Mapping[str, Any]], expected: Iterable[Mapping[str, Any]]
) -> list[str]:
    """Differences of two tables over the columns that the oracle knows."""
    built_rows = {tuple(row[name] for name in key): row for row in built}
    expected_rows = {tuple(row[name] for name in key): row for row in expected}
    lines = [f"{table} {name}: built, but not expected" for name in sorted(built_rows.keys() - expected_rows.keys())]
    lines += [f"{table} {name}: expected, but not built" for name in sorted(expected_rows.keys() - built_rows.keys())]
    for name in sorted(built_rows.keys() & expected_rows.keys()):
        lines += [
            f"{table} {name}: {column} is {built_rows[name][column]!r}, expected {value!r}"
            for column, value in expected_rows[name].items()
            if built_rows[name][column] != value
        ]
    return lines


def _compare_event_rows(project: Project, expected: oracle.Result) -> list[str]:
    """Differences in what became of the delivered event rows, counted by outcome and reason."""
    names = {"accepted": "scored"}
    counted: dict[tuple[str, str | None], int] = {}
    for status in expected.events:
        if status.status != "unknown":
            outcome = (names.get(status.status, status.status), status.reason)
            counted[outcome] = counted.get(outcome, 0) + 1
    built = {
        (row["outcome"], row["reason"]): row["row_count"]
        for row in project.rows("select outcome, reason, row_count from marts.rpt_source_rows where row_count > 0")
    }
    return [
        f"rpt_source_rows {outcome}: {built.get(outcome, 0)} rows, expected {counted.get(outcome, 0)}"
        for outcome in sorted(built.keys() | counted.keys(), key=str)
        if built.get(outcome, 0) != counted.get(outcome, 0)
    ]
