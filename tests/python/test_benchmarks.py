"""The benchmark: the events are what it says they are, and every way to the scores gives the project's, to the last digit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import REPOSITORY

from benchmarks.contenders import CONTENDERS
from benchmarks.contenders.project import project_folder
from benchmarks.generate import EVENT_TYPES, Size, generate
from benchmarks.rules import read_score_model
from benchmarks.run import Bench, first_difference
from benchmarks.seeds import RULES, rules, with_other_condition, with_other_points, write_seeds

MILLION = 0.01
GROW_WITH_EVENTS = ("int_events_classified", "int_events_counted", "int_daily_matches")
OTHERS = [name for name, contender in CONTENDERS.items() if not contender.is_project and name != "limit"]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Ten thousand events, with the files of all situations."""
    bench = Bench(
        tmp_path_factory.mktemp("bench"), MILLION, tuple(CONTENDERS.values()), memory_limit="1GB", most_bytes=4_000_000_000
    )
    bench.prepare()
    return bench


@pytest.fixture(scope="module")
def scores_of_project(bench: Bench) -> Path:
    """The scores that the project gives, from nothing."""
    measured = bench.run(CONTENDERS["full"], 1)
    assert measured.failure is None
    assert measured.sql_cpu_seconds is not None
    assert 0 < measured.sql_cpu_seconds < measured.cpu_seconds
    return bench.job(CONTENDERS["full"]).output


@pytest.mark.parametrize("name", OTHERS)
def test_contender_gives_the_projects_scores(name: str, bench: Bench, scores_of_project: Path) -> None:
    contender = CONTENDERS[name]
    if not contender.is_installed:
        pytest.skip(f"NOT COMPARED: {contender.requires} is not installed; benchmarks/requirements.txt has it")
    measured = bench.run(contender, 1)
    assert measured.failure is None, (bench.job(contender).work / "log.txt").read_text(encoding="utf-8")
    assert first_difference(scores_of_project, bench.job(contender).output) is None
    assert measured.cpu_seconds > 0
    assert measured.peak_bytes > 10_000_000


def test_project_goes_on_from_its_state(bench: Bench, scores_of_project: Path) -> None:
    """A day gives the scores of the script that starts from nothing, and is no rebuild in disguise: that would be a failure."""
    measured = bench.run(CONTENDERS["day"], 1)
    assert measured.failure is None, (bench.job(CONTENDERS["day"]).work / "log.txt").read_text(encoding="utf-8")
    assert first_difference(bench.expected(CONTENDERS["day"]), bench.job(CONTENDERS["day"]).output) is None


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """An operator of DuckDB's plan, and all below it."""
    yield plan
    for child in plan["children"]:
        yield from nodes(child)


def read_whole(plan: dict[str, Any]) -> str | None:
    """The table of which an operator passes on every row, if there is one."""
    while plan["name"].strip() == "PROJECTION":
        (plan,) = plan["children"]
    told = plan["extra_info"]
    return told["Table"].rpartition(".")[2] if plan["name"].strip() == "SEQ_SCAN" and "Filters" not in told else None


def test_a_day_writes_down_no_table_that_grows_with_the_events(bench: Bench, scores_of_project: Path) -> None:
    """What several steps read DuckDB keeps whole, and a correlated `exists` beside `or` collects all keys: both fill the disk at 100 million."""
    job = bench.job(CONTENDERS["day"])
    if not job.database.exists():
        assert bench.run(CONTENDERS["day"], 1).failure is None
    folder = project_folder(job)
    statements = {
        path.stem: path.read_text(encoding="utf-8") for path in (folder / "target" / "compiled").rglob("models/**/*.sql")
    }
    log = (folder / "logs" / "dbt.log").read_text(encoding="utf-8")
    forgotten = re.findall(r"delete from (\S+) where (.*?)\n\S*\[0m\d\d:", log, flags=re.DOTALL)
    assert len(statements) > 100
    assert any(name.endswith('"int_daily_matches"') for name, _ in forgotten)
    statements |= {f"{name}, forgotten": f"select 1 from {name} where {condition}" for name, condition in forgotten}
    found = []
    with duckdb.connect(str(job.database), read_only=True) as connection:
        for name, statement in statements.items():
            told = connection.execute(f"explain (format json) {statement}").fetchall()[0][1]
            for node in (node for plan in json.loads(told) for node in nodes(plan)):
                kind = node["name"].strip()
                if kind == "CTE" and read_whole(node["children"][0]) in GROW_WITH_EVENTS:
                    found.append((name, "writes down", read_whole(node["children"][0])))
                if name.endswith(", forgotten") and "DELIM" in kind:
                    found.append((name, "collects keys", kind))
    assert found == []


def test_scores_are_worth_comparing(scores_of_project: Path) -> None:
    """Three dates, and scores at both bounds and between them."""
    dates, lowest, between = duckdb.execute(
        "select count(distinct scored_on), count(*) filter (score_exact = 0), count(distinct score_exact) from read_parquet(?)",
        [str(scores_of_project)],
    ).fetchall()[0]
    assert dates == 3
    assert lowest > 0
    assert between > 500


def test_a_difference_is_told_with_its_lead(bench: Bench, scores_of_project: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.parquet"
    lead = "select min(lead_id) from scores where score_exact > 0"
    duckdb.execute(
        f"""
        copy (
            with scores as (from read_parquet('{scores_of_project}'))
            select lead_id, scored_on, score_exact + case when lead_id = ({lead}) then 0.000001 else 0 end as score_exact from scores
        ) to '{changed}' (format parquet)
        """
    )
    difference = first_difference(scores_of_project, changed)
    assert difference is not None
    assert difference.startswith("lead ")


def test_every_situation_has_scores_of_its_own(bench: Bench) -> None:
    """A new day, other points and another condition each move some lead, so that a build that changed nothing would be seen."""
    outputs = []
    for situation in ("full", "day", "weight", "match"):
        assert bench.run(CONTENDERS["sql"], 1, situation).failure is None
        outputs.append(bench.job(CONTENDERS["sql"], situation).output)
    for output in outputs[1:]:
        assert first_difference(outputs[0], output) is not None


def test_limit_reads(bench: Bench) -> None:
    assert bench.run(CONTENDERS["limit"], 1).failure is None


def test_a_run_that_takes_too_much_memory_is_stopped(bench: Bench) -> None:
    small = Bench(bench.folder, MILLION, bench.contenders, memory_limit="1GB", most_bytes=20_000_000)
    failure = small.run(CONTENDERS["sql"], 1, "match").failure
    assert failure is not None
    assert failure.startswith("stopped")


def test_seeds_are_the_rules(tmp_path: Path) -> None:
    write_seeds(tmp_path, rules())
    grid = list(read_score_model(tmp_path).rules)
    assert grid == rules()
    assert len(grid) == RULES
    assert {rule.event_type for rule in grid} == set(EVENT_TYPES)
    for changed in (with_other_points(grid), with_other_condition(grid)):
        assert sum(rule != before for rule, before in zip(changed, grid, strict=True)) == 1


def test_event_types_are_known() -> None:
    known = {line.split(",")[0] for line in (REPOSITORY / "seeds" / "event_types.csv").read_text(encoding="utf-8").splitlines()}
    assert set(EVENT_TYPES) <= known


def test_events_are_what_the_page_says(bench: Bench) -> None:
    """Shares of what comes twice, late, without a name; and the day that tells whose browsers were seen before."""
    size = Size(MILLION)
    history, day = bench.data / "raw" / "generic" / "events" / "*.parquet", bench.data / "days" / "day_1.parquet"
    counted = duckdb.execute(
        """
        select
            count(distinct event_id),
            count(*) / count(distinct event_id) - 1,
            avg(cast(loaded_at > occurred_at + interval 1 day as int)),
            avg(cast(email is null and contact_id is null as int)),
            count(distinct event_type),
            date_diff('month', min(occurred_at), max(occurred_at))
        from read_parquet(?)
        """,
        [str(history)],
    ).fetchall()[0]
    events, twice, late, anonymous, types, months = counted
    assert events == size.events
    assert 0.015 < twice < 0.025
    assert 0.015 < late < 0.04, "1 % late, and most of those that are delivered again"
    assert 0.22 < anonymous < 0.28
    assert types == len(EVENT_TYPES)
    assert months == 18
    told = duckdb.execute(
        """
        select count(distinct day.anonymous_id)
        from read_parquet(?) as day
        inner join read_parquet(?) as history using (anonymous_id)
        where coalesce(day.email, day.contact_id) is not null
        """,
        [str(day), str(history)],
    ).fetchall()[0][0]
    assert told > 0


def test_rows_are_in_the_order_of_loading(bench: Bench) -> None:
    for file in (bench.data / "raw" / "generic" / "events").glob("*.parquet"):
        loaded = [moment for (moment,) in duckdb.execute("select loaded_at from read_parquet(?)", [str(file)]).fetchall()]
        assert loaded == sorted(loaded)
        assert {f"{moment:%Y-%m}" for moment in loaded} == {file.stem}


def test_the_same_number_gives_the_same_rows(bench: Bench, tmp_path: Path) -> None:
    generate(tmp_path / "again", MILLION)
    for file in sorted(bench.data.rglob("*.parquet")):
        again = tmp_path / "again" / file.relative_to(bench.data)
        assert duckdb.execute(
            "select count(*) from (from read_parquet(?) except all from read_parquet(?))", [str(file), str(again)]
        ).fetchall() == [(0,)]
