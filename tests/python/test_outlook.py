"""On a date ahead the SQL says what the scorer in plain Python says of a world in which nothing has happened since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import cases
import duckdb
import oracle
import pytest
from building import REPOSITORY, Project
from conftest import Copy

DAYS_AHEAD = (14, 30)
DATED = "select lead_id, score_model, days_ahead, score_exact, score, segment, is_excluded from marts.fct_lead_scores_dated"


def without_what_comes(raw: oracle.Raw, today: date, zone: str = "UTC") -> oracle.Raw:
    """The rows without events after a date, and without versions of contacts and accounts that succeed others after it."""
    calendar = oracle.Calendar(zone)
    last = today.toordinal()

    def is_over(row: Any, column: str) -> bool:
        return row[column] is None or calendar.day(row[column]) <= last

    def versions(rows: Iterable[Any], key: str, column: str) -> list[Any]:
        held = {row[key] for row in rows if is_over(row, column)}
        return [row for row in rows if is_over(row, column) or row[key] not in held]

    return replace(
        raw,
        events=[row for row in raw.events if is_over(row, "occurred_at")],
        contacts=versions(raw.contacts, "contact_id", "updated_at"),
        accounts=versions(raw.accounts, "company_domain", "updated_at"),
    )


def expected_on(config: oracle.Config, raw: oracle.Raw, today: date, days: int, zone: str = "UTC") -> dict[Any, Any]:
    """What stands in fct_lead_scores_dated for one date ahead, by the oracle: of the leads that there are today."""
    without = without_what_comes(raw, today, zone)
    here = {row.lead_id for row in oracle.score(config, without, today, zone).scores}
    scored = oracle.score(config, without, today + timedelta(days=days), zone)
    return {
        (row.lead_id, row.score_model, days): (row.score_exact, row.score, row.segment, row.is_excluded)
        for row in scored.scores
        if row.lead_id in here
    }


def by_key(rows: Iterable[tuple[Any, ...]]) -> dict[Any, Any]:
    """Rows of fct_lead_scores_dated by lead, score model and days ahead."""
    return {tuple(row[:3]): tuple(row[3:]) for row in rows}


@pytest.mark.parametrize("days", DAYS_AHEAD)
def test_the_sample_ahead_agrees(days: int, demo_database: Path) -> None:
    raw = oracle.load_raw(REPOSITORY / "sample" / "raw")
    expected = expected_on(oracle.load_config(REPOSITORY / "seeds"), raw, date(2026, 3, 10), days)
    with duckdb.connect(str(demo_database), read_only=True) as connection:
        built = by_key(connection.execute(f"{DATED} where days_ahead = {days} order by all").fetchall())
    assert len(built) > 1000
    assert built == expected


def test_a_random_case_ahead_agrees(tmp_path: Path) -> None:
    """Twenty score models with every kind of decay, window, reset and normalisation."""
    case = cases.make_case(2, tmp_path / "seeds", tmp_path / "raw", score_models=20)
    today = cases.BASE_DATE
    config, raw = oracle.load_config(case.seeds_dir), oracle.load_raw(case.raw_dir)
    project = Project(tmp_path / "project")
    project.replace_seeds(case.seeds_dir)
    project.build(case.raw_dir, {"as_of_date": str(today), "lead_scoring_outlook_days": [45]})
    built = by_key(tuple(row.values()) for row in project.rows(f"{DATED} where days_ahead = 45 order by all"))
    expected = expected_on(config, raw, today, 45)
    differing = sorted(key for key in expected if built.get(key) != expected[key])
    assert len(expected) > 3000
    assert [(key, built.get(key), expected[key]) for key in differing[:5]] == []
    # Whose browser it was counts whenever it was told: a lead may be there today for what it does later, which the oracle was not given.
    assert len({lead for lead, _, _ in built} - {lead for lead, _, _ in expected}) <= 1


def test_nobody_looks_ahead_where_nobody_asks(tmp_path: Path, demo: Copy) -> None:
    """Without dates ahead there are none, and reasons say nothing of what is to come."""
    project = Project(tmp_path / "project")
    project.build(REPOSITORY / "sample" / "raw", {"as_of_date": "2026-03-10", "lead_scoring_outlook_days": []})
    assert project.rows("select 1 from marts.fct_lead_scores_dated where days_ahead > 0") == []
    told = project.rows("select count(*) as reasons, count(points_ahead) as ahead from marts.fct_lead_reasons")[0]
    assert told["reasons"] > 1000
    assert told["ahead"] == 0
    with duckdb.connect(str(demo.database), read_only=True) as connection:
        scores = connection.execute("select lead_id, score_model, score_exact from marts.fct_lead_scores order by all").fetchall()
    assert [
        tuple(row.values())
        for row in project.rows("select lead_id, score_model, score_exact from marts.fct_lead_scores order by all")
    ] == scores


def test_the_parts_of_the_leads_are_the_whole(tmp_path: Path) -> None:
    """The largest sums made in seven parts, which no power of two divides, have the rows that one statement gives; and each part is a statement."""
    project = Project(tmp_path / "project")
    raw, today = REPOSITORY / "sample" / "raw", {"as_of_date": "2026-03-10"}
    project.build(raw, today)
    for table in ("int_subscore_points", "int_lead_reasons"):
        whole = project.rows(f"select * from intermediate.{table} order by all")
        assert len(whole) > 1000
        assert project.dbt("run", "--select", table, raw=raw, variables={**today, "lead_scoring_parts": 7}).success
        assert project.rows(f"select * from intermediate.{table} order by all") == whole
        (statement,) = (project.folder / "target" / "run").rglob(f"{table}.sql")
        assert statement.read_text(encoding="utf-8").count("insert into") == 6


@pytest.mark.parametrize("days", [[0], [-3], ["14"], [7, 2.5]])
def test_a_date_ahead_that_is_none_is_refused(days: list[Any], tmp_path: Path) -> None:
    outcome = Project(tmp_path / "project").dbt(
        *("compile", "--select", "int_scored_dates"),
        raw=tmp_path,
        variables={"as_of_date": "2026-03-10", "lead_scoring_outlook_days": days},
    )
    assert not outcome.success
    assert f"lead_scoring_outlook_days names {days[-1]}; it takes a list of whole numbers above 0" in str(
        outcome.exception or outcome.result
    )
