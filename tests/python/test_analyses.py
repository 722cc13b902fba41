"""The ten questions of the first week run on what a build leaves and on what is published, have the columns that they declare, and say what the marts say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from conftest import REPOSITORY, Copy

ANALYSES = REPOSITORY / "analyses"
REFERENCE = re.compile(r"\{\{\s*ref\('(\w+)'\)\s*\}\}")
DECLARED = {
    analysis["name"]: analysis
    for analysis in yaml.safe_load((ANALYSES / "_analyses.yml").read_text(encoding="utf-8"))["analyses"]
}
NEEDS_MORE_THAN_THE_SAMPLE = {
    "movers_between_score_models": """
        insert into marts.fct_lead_scores by name
        select * replace ('other' as score_model, 'warm' as segment, score + 1 as score) from marts.fct_lead_scores where segment = 'new' limit 5
    """,
    "rules_that_never_fire": "update marts.rpt_rule_performance set leads_now = 0 where rule_id = (select min(rule_id) from marts.rpt_rule_performance)",
}
"""What has no row on the sample, and what it takes to have one."""


def sql_of(name: str) -> str:
    """An analysis as the engine gets it: it may name marts and nothing else."""
    text = REFERENCE.sub(r"marts.\1", (ANALYSES / f"{name}.sql").read_text(encoding="utf-8"))
    assert "{{" not in text, "an analysis is read by people who have no dbt: it names marts by ref() and uses no macro"
    return text


@pytest.fixture(scope="module")
def published(demo: Copy) -> Path:
    """The published file of the sample, which holds the marts and nothing else of the build."""
    return demo.folder / "lead_scoring_published" / "current" / "lead_scoring.duckdb"


@pytest.fixture
def marts(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published marts in memory, to be changed at will."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published}' as published (read_only)")
        connection.execute("create schema marts")
        for (name,) in connection.execute(
            "select table_name from information_schema.tables where table_catalog = 'published' and table_schema = 'marts'"
        ).fetchall():
            connection.execute(f"create table marts.{name} as from published.marts.{name}")
        yield connection


def answers(connection: duckdb.DuckDBPyConnection, name: str) -> list[dict[str, Any]]:
    """The rows of an analysis, by column."""
    cursor = connection.execute(sql_of(name))
    columns = [column[0] for column in cursor.description or []]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def test_there_are_ten_each_with_its_question() -> None:
    files = {path.stem for path in ANALYSES.glob("*.sql")}
    assert files == set(DECLARED)
    assert len(files) == 10
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    for name, analysis in DECLARED.items():
        assert sql_of(name).startswith("-- "), "the question stands above the query"
        assert analysis["description"].endswith("?")
        assert f"| `{name}` | {analysis['description']} |" in readme


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_it_answers_on_what_was_built_and_on_what_is_published(
    name: str, demo_database: Path, marts: duckdb.DuckDBPyConnection
) -> None:
    with duckdb.connect(str(demo_database), read_only=True) as built:
        of_build = answers(built, name)
    assert answers(marts, name) == of_build, "the order is part of the answer"
    if name in NEEDS_MORE_THAN_THE_SAMPLE:
        assert of_build == []
        marts.execute(NEEDS_MORE_THAN_THE_SAMPLE[name])
    found = answers(marts, name)
    assert found
    assert list(found[0]) == [column["name"] for column in DECLARED[name]["columns"]]


def test_the_shares_of_the_rules_are_those_of_the_ledger(marts: duckdb.DuckDBPyConnection) -> None:
    given: dict[str, Decimal] = {}
    for rule, points in marts.execute(
        "select rule_id, points from marts.fct_lead_score_contributions where entry_type = 'rule' and score_model = 'default'"
    ).fetchall():
        given[rule] = given.get(rule, Decimal(0)) + points
    given = {rule: points for rule, points in given.items() if points > 0}
    found = answers(marts, "rules_that_carry_the_score")
    assert {row["rule_id"]: row["points_now"] for row in found} == given
    so_far = Decimal(0)
    for row in found:
        so_far += given[row["rule_id"]]
        assert abs(row["percent_so_far"] - 100 * so_far / sum(given.values())) <= Decimal("0.05")
    assert found[-1]["percent_so_far"] == 100


def test_whoever_cools_stands_lower_on_the_first_date_ahead(marts: duckdb.DuckDBPyConnection) -> None:
    ranks = dict(marts.execute("select label, rank from marts.dim_segments").fetchall())
    labels = dict(marts.execute("select segment, label from marts.dim_segments").fetchall())
    now = {
        lead: labels[segment]
        for lead, segment in marts.execute("select lead_id, segment from marts.fct_lead_scores where not is_excluded").fetchall()
    }
    emails = dict(marts.execute("select lead_id, email from marts.dim_leads").fetchall())
    expected: dict[str, tuple[Any, ...]] = {}
    for lead, on, score, segment in marts.execute(
        "select lead_id, scored_on, score, segment from marts.fct_lead_scores_dated where days_ahead > 0 order by scored_on"
    ).fetchall():
        if lead in now and lead not in expected and ranks[labels[segment]] < ranks[now[lead]]:
            expected[lead] = (emails[lead], now[lead], on, score, labels[segment])
    found = [
        (row["email"], row["segment"], row["falls_on"], row["score_then"], row["segment_then"])
        for row in answers(marts, "leads_about_to_cool")
    ]
    assert len(expected) > 20
    assert sorted(found, key=str) == sorted(expected.values(), key=str)


def test_wilsons_interval_is_that_of_the_books(marts: duckdb.DuckDBPyConnection) -> None:
    """Against the formula in decimals, with the normal quantile of 97.5 % (1.959964)."""
    z = Decimal("1.959964")
    for row in answers(marts, "bands_that_buy"):
        n, k = Decimal(row["leads"]), Decimal(row["conversions"])
        middle = (k + z * z / 2) / (n + z * z)
        half = z * (k * (n - k) / n + z * z / 4).sqrt() / (n + z * z)
        assert abs(row["conversion_rate_low"] - (middle - half)) < Decimal("0.000001")
        assert abs(row["conversion_rate_high"] - (middle + half)) < Decimal("0.000001")
        assert row["conversion_rate_low"] <= row["conversion_rate"] <= row["conversion_rate_high"]


def test_every_row_in_quarantine_is_told(marts: duckdb.DuckDBPyConnection) -> None:
    found = answers(marts, "rows_in_quarantine")
    told = marts.execute("select sum(row_count) from marts.rpt_source_rows where outcome = 'quarantined'").fetchall()[0][0]
    assert sum(row["row_count"] for row in found) == told > 0
