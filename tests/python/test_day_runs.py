"""Day runs: whatever arrives, changes or goes, a run that goes on from the state of the run before gives what a run that makes everything anew gives.

Days are lived through (24 in CI, sixty with LEAD_SCORING_DAYS=60) with the rows of a random case, in any order, so that what is late, delivered twice, corrected, taken back, merged, identified late or
erased comes before and after what it changes; files are rewritten and taken away; rules change in every way; days are skipped and runs repeated.
"""

from __future__ import annotations

import csv
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import cases
import duckdb
import pytest
from building import Project

DAYS = int(os.environ.get("LEAD_SCORING_DAYS", "24"))
TABLES = ("events", "contacts", "accounts", "identity_links", "adjustments", "outcomes", "erasures")
COMPARED = (
    *(
        "marts.dim_leads",
        "marts.fct_lead_scores",
        "marts.fct_lead_score_contributions",
        "marts.fct_lead_id_changes",
        "marts.fct_next_actions",
    ),
    *("marts.rpt_source_rows", "marts.rpt_model_performance", "marts.rpt_rule_performance"),
    *("quarantine.events", "quarantine.event_conflicts", "quarantine.records"),
    *(
        "intermediate.int_anonymous_identifications",
        "intermediate.int_cross_source_duplicates",
        "intermediate.int_events_counted",
    ),
    *("intermediate.int_daily_matches", "intermediate.int_event_deliveries_ranked", "intermediate.int_identities_applied"),
)
"""What has to be equal to the last digit: all that is published, and the state that the next run goes on from."""


def rows_of(database: Path, table: str) -> dict[tuple[Any, ...], int]:
    """How often each row stands in a table; without what tells of the run."""
    with duckdb.connect(str(database), read_only=True) as connection:
        columns = [row[0] for row in connection.execute(f"describe {table}").fetchall() if row[0] != "run_id"]
        cursor = connection.execute(f"select columns(*)::varchar from (select {', '.join(columns)} from {table})")
        counted: dict[tuple[Any, ...], int] = {}
        for row in cursor.fetchall():
            counted[row] = counted.get(row, 0) + 1
        return counted


def assert_same(one: Path, other: Path, when: str) -> None:
    """Every row of what is compared stands in both databases, equally often."""
    for table in COMPARED:
        found, expected = rows_of(one, table), rows_of(other, table)
        assert found or table not in ("marts.fct_lead_scores", "intermediate.int_daily_matches"), (
            f"{when}: {table} is empty, which shows nothing"
        )
        surplus = [row for row in found if found[row] != expected.get(row)]
        missing = [row for row in expected if expected[row] != found.get(row)]
        assert not surplus, f"{when}: {table} has {len(surplus)} rows too many, as {surplus[:2]}, and lacks {missing[:2]}"
        assert not missing, f"{when}: {table} lacks {len(missing)} rows, as {missing[:2]}"


@dataclass
class Life:
    """A folder that files arrive in, and two projects that score it: one from day to day, one always from the beginning."""

    folder: Path
    random: random.Random
    case: cases.Case
    arrived: int = 0
    days_run: list[bool] = field(default_factory=list)
    """Of each run whether it was a day run."""

    def __post_init__(self) -> None:
        self.raw = self.folder / "raw"
        self.daily, self.anew = Project(self.folder / "daily"), Project(self.folder / "anew")
        for project in (self.daily, self.anew):
            project.replace_seeds(self.case.seeds_dir)
        with duckdb.connect(str(self.folder / "pool.duckdb")) as pool:
            for table in TABLES:
                files = sorted((self.case.raw_dir / "generic").glob(f"{table}*/*.parquet")) or sorted(
                    (self.case.raw_dir / "generic").glob(f"{table}.parquet")
                )
                pool.execute(f"create table {table} as select * from read_parquet({[str(file) for file in files]})")
                rows = pool.execute(f"select count(*) from {table}").fetchall()[0][0]
                # Two rows in five are there on the first day.
                days = [(row, max(0, self.random.randrange(-2 * DAYS // 3, DAYS))) for row in range(rows)]
                pool.execute("create or replace temp table arrivals (row_number bigint, arrives_on int)")
                pool.executemany("insert into arrivals values (?, ?)", days or [(0, 0)])
                pool.execute(
                    f"create table arriving_{table} as select * from (select *, row_number() over () - 1 as row_number from {table}) join arrivals using (row_number)"
                )

    def land(self, day: int) -> None:
        """What arrives on a day becomes files of that day."""
        with duckdb.connect(str(self.folder / "pool.duckdb")) as pool:
            for table in TABLES:
                rows = f"(select * exclude (row_number, arrives_on) from arriving_{table} where arrives_on = {day})"
                if pool.execute(f"select count(*) from {rows}").fetchall()[0][0]:
                    target = self.raw / "generic" / table / f"day_{day:02}.parquet"
                    target.parent.mkdir(parents=True, exist_ok=True)
                    pool.execute(f"copy {rows} to '{target}' (format parquet)")
        self.arrived = day

    def run(self, project: Project | None = None, *options: str) -> None:
        """Score what has arrived."""
        project = project or self.daily
        as_of_date = str(cases.BASE_DATE.replace(day=1).fromordinal(cases.BASE_DATE.toordinal() - DAYS + self.arrived))
        outcome = project.dbt(
            "run", *options, raw=self.raw, variables={"as_of_date": as_of_date, "scoring_timezone": "UTC", "known_at": ""}
        )
        assert outcome.success, [
            f"{node.node.name}: {node.message}" for node in outcome.result or [] if str(node.status) == "error"
        ]
        if project is self.daily:
            self.days_run.append(project.rows("select is_day_run from runs.this_run")[0]["is_day_run"])

    def seed(self, *options: str) -> None:
        """Take in changed seeds, in both projects."""
        for project in (self.daily, self.anew):
            assert project.dbt("seed", *options, raw=self.raw, variables={}).success

    def change(self, seed: str, *changes: Callable[[list[dict[str, str]]], None]) -> None:
        """Edit a seed, in both projects, one change after the other."""
        for project in (self.daily, self.anew):
            file = project.folder / "seeds" / f"{seed}.csv"
            with file.open(encoding="utf-8", newline="") as lines:
                rows = list(csv.DictReader(lines))
            names = list(rows[0])
            for change in changes:
                change(rows)
            with file.open("w", encoding="utf-8", newline="") as lines:
                writer = csv.DictWriter(lines, names)
                writer.writeheader()
                writer.writerows(rows)
        self.seed("--select", seed)

    def lived_through(self) -> dict[str, int]:
        """How often each thing happened that a day run must go on from rightly; what came on the first day is no news and does not count."""
        told: dict[str, int] = {}
        with duckdb.connect(str(self.folder / "pool.duckdb"), read_only=True) as pool:

            def count(what: str, query: str) -> None:
                told[what] = pool.execute(f"select count(*) from ({query})").fetchall()[0][0]

            for table in TABLES:
                count(f"{table} that come later", f"from arriving_{table} where arrives_on > 0")
            first_day = cases.BASE_DATE - timedelta(days=DAYS)
            count(
                "late events",
                f"from arriving_events where arrives_on > 1 and try_cast(occurred_at as timestamp) < date '{first_day}'",
            )
            again = "select {0} from arriving_{1} where {0} is not null group by all having max(arrives_on) > min(arrives_on)"
            count("events delivered twice", again.format("event_id", "events"))
            count("contacts corrected", again.format("contact_id", "contacts"))
            count("leads merged", "from arriving_identity_links where arrives_on > 0 and merged_into_contact_id is not null")
        for outcome in ("duplicate", "erased", "quarantined"):
            found = f"select coalesce(sum(row_count), 0)::int as rows from marts.rpt_source_rows where outcome = '{outcome}'"
            told[f"events told as {outcome}"] = self.daily.rows(found)[0]["rows"]
        identified = "select count(*) as rows from intermediate.int_anonymous_identifications"
        told["browsers identified"] = self.daily.rows(identified)[0]["rows"]
        return told

    def check(self, when: str) -> None:
        """The run from day to day gives what a run from the beginning gives, with the same log: since when somebody holds a segment stands there alone."""
        with duckdb.connect(str(self.anew.database)) as connection:
            connection.execute(f"attach '{self.daily.database}' as daily (read_only)")
            connection.execute("create schema if not exists state")
            connection.execute("create or replace table state.int_scores_published as from daily.state.int_scores_published")
        self.run(self.anew, "--full-refresh")
        assert_same(self.daily.database, self.anew.database, when)


@pytest.fixture(scope="module", params=[3])
def life(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """A random case on the eve of its first day."""
    folder = tmp_path_factory.mktemp("life")
    case = cases.make_case(request.param, folder / "seeds", folder / "case", score_models=4)
    life = Life(folder, random.Random(request.param), case)
    life.land(0)
    life.seed()
    return life


def test_day_by_day(life: Life) -> None:
    """Every change that a project lives through, and after each the state is what it would be if everything were made anew."""
    events = life.raw / "generic" / "events"
    life.run()
    assert life.days_run == [False], "there is nothing to go on from"
    life.run()
    assert life.days_run[-1], "nothing happened, so there is nothing to make anew"

    third = DAYS // 3
    for day in range(1, third + 1):
        life.land(day)
        if day in (1, 2, third * 9 // 20, third):
            life.run()
            assert life.days_run[-1]
    life.check("days, some of them skipped")

    def points(rows: list[dict[str, str]]) -> None:
        for row in rows:
            if row["kind"] == "event" and row["points"]:
                row["points"] = str(int(float(row["points"])) + 1)

    def fields(rows: list[dict[str, str]]) -> None:
        changed = [row for row in rows if row["kind"] == "event" and not row["field"]]
        assert len(changed) > 2
        changed[0].update(field="page_title", operator="not_null", operand="")
        changed[1].update(field="properties.plan", operator="is_null", operand="")
        changed[2].update(field="duration_seconds", operator="gt", operand="7.5")

    def operands(rows: list[dict[str, str]]) -> None:
        changed = next(row for row in rows if row["field"] == "page_title")
        changed.update(operator="contains", operand="e")

    def once(rows: list[dict[str, str]]) -> None:
        for number, row in enumerate(row for row in rows if row["kind"] == "event"):
            row["count_once_per"] = ("", "day", "lead", "page_path", "asset", "session_id", "properties.plan")[number % 7]

    def gone(rows: list[dict[str, str]]) -> None:
        del rows[next(number for number, row in enumerate(rows) if row["label"] == "to go")]

    def to_go(rows: list[dict[str, str]]) -> None:
        rows.append(
            {**next(row for row in rows if row["kind"] == "event" and not row["field"]), "rule_id": "to_go", "label": "to go"}
        )

    for day, changes in enumerate(((points, to_go), (fields,), (operands, once, gone)), start=third + 1):
        life.change("point_grid", *changes)
        life.land(day)
        life.run()
        assert life.days_run[-1]
        life.check(" and ".join(change.__name__ for change in changes))

    # A file is written anew without its first rows, another one is gone.
    rewritten, removed = sorted(events.glob("day_*.parquet"))[1:3]
    with duckdb.connect() as connection:
        assert connection.execute(f"select count(*) > 3 from '{rewritten}'").fetchall() == [(True,)]
        connection.execute(f"create table kept as select * from '{rewritten}' offset 3")
        connection.execute(f"copy kept to '{rewritten}' (format parquet)")
    removed.unlink()
    life.land(third + 4)
    life.run()
    assert life.days_run[-1]
    life.check("a file changed and one gone")

    for day in range(third + 5, DAYS):
        life.land(day)
        if day % 12 == 3:
            life.run()
    life.run()
    life.check("the last day")
    lived = life.lived_through()
    assert all(lived.values()), f"these never happened: {[what for what, times in lived.items() if not times]}"

    def passive(rows: list[dict[str, str]]) -> None:
        for row in rows:
            if row["event_type"] == "page_viewed":
                row["is_engagement"] = "false"

    life.change("event_types", passive)
    life.run()
    assert not life.days_run[-1], "another event type is another state"
    life.check("an event type that is no engagement any more")


def test_nothing_is_gone_on_from_that_is_not_whole(life: Life) -> None:
    """After a run that ended before its state was whole, and after a change of a macro, everything is made anew, whatever columns the tables had."""
    life.run()
    life.daily.execute("delete from runs.last_run")
    shutil.rmtree(life.raw / "generic" / "identity_links")
    life.run()
    assert not life.days_run[-1]
    with (life.daily.folder / "macros" / "identity.sql").open("a", encoding="utf-8") as macro:
        macro.write("\n{# Another comment. #}\n")
    life.daily.execute("alter table intermediate.int_event_signatures drop column fields_id")
    life.daily.execute("alter table intermediate.int_events_counted add column of_an_earlier_version int")
    life.run()
    assert not life.days_run[-1]
    life.run()
    assert life.days_run[-1]
    life.check("after an interruption")
