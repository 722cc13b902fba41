"""The command line as a user meets it: what each command prints, with which exit code, and what it leaves alone."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import SAMPLE_LAST_DAY, Copy
from lead_scoring import building, checks, cli, dbt, errors, explain, forecast
from lead_scoring.database import Database, opened
from typer.testing import CliRunner, Result

COMMANDS = ("check", "build", "explain", "show", "restate")
DAY = date.fromisoformat(SAMPLE_LAST_DAY)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, demo_database: Path) -> Callable[..., Result]:
    """Call a command in this process on the built sample, its output caught."""
    monkeypatch.setenv("LEAD_SCORING_DB", str(demo_database))
    monkeypatch.delenv("FORCE_COLOR", raising=False)

    def call(*arguments: str, columns: int = 140) -> Result:
        monkeypatch.setenv("COLUMNS", str(columns))
        return CliRunner().invoke(cli.app, list(arguments))

    return call


@pytest.fixture
def reader(demo_database: Path) -> Iterator[Database]:
    with opened(demo_database) as database:
        yield database


def best_lead(database: Database) -> str:
    query = "select email from marts.fct_lead_scores join marts.dim_leads using (lead_id) where score_rank = 1"
    return str(database.rows(query)[0]["email"])


def marts_hash(path: Path) -> dict[str, str]:
    """A hash over the rows of each table that is published."""
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'marts' and table_type = 'BASE TABLE' order by 1"
        ).fetchall()
        assert tables
        return {
            table: str(connection.execute(f"select bit_xor(hash(t)), count(*) from marts.{table} as t").fetchone())
            for (table,) in tables
        }


# --------------------------------------------------------------------------------------------------------------------
# Building without tests
# --------------------------------------------------------------------------------------------------------------------


def test_only_what_no_file_and_no_var_changed_is_taken_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mark holds for equal files and vars, whatever the date; a changed seed, another var or any other run takes it away."""
    project = tmp_path / "project"
    for folder in ("macros", "models", "seeds"):
        (project / folder).mkdir(parents=True)
        (project / folder / "file").write_text("first")
    for name in ("dbt_project.yml", "profiles.yml"):
        (project / name).write_text("first")
    monkeypatch.setattr(building, "PROJECT", project)
    database = tmp_path / "scores.duckdb"
    before = building.fingerprint_of({"as_of_date": "2026-03-10"})
    assert not building.is_prepared(database, before)
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema runs")
    assert not building.is_prepared(database, before)
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table runs.prepared (fingerprint string)")
    building.keep_prepared(database, before)
    assert building.is_prepared(database, building.fingerprint_of({"as_of_date": "2026-03-11"}))
    assert not building.is_prepared(database, building.fingerprint_of({"lead_scoring_presets": "all"}))
    (project / "seeds" / "file").write_text("second")
    assert not building.is_prepared(database, building.fingerprint_of({}))


def test_a_run_without_tests_gives_what_a_build_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, demo_database: Path, run: Callable[..., Result]
) -> None:
    """The published scores are those of the build; the seeds, which nobody changed, are taken as they stand in the database."""
    database = tmp_path / demo_database.name
    shutil.copy(demo_database, database)
    with duckdb.connect(str(database)) as connection:
        connection.execute("delete from seeds.next_actions")
    monkeypatch.setenv("LEAD_SCORING_DB", str(database))
    raw = str(Path(__file__).resolve().parents[2] / "sample" / "raw")
    result = run("build", "--no-tests", "--as-of-date", SAMPLE_LAST_DAY, "--source", "generic", "--raw", raw)
    assert result.exit_code == 0, result.output
    columns = "* exclude (run_id)"
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute(f"attach '{demo_database}' as before (read_only)")
        for one, other in (("marts", "before.marts"), ("before.marts", "marts")):
            rows = f"from (select {columns} from {one}.fct_lead_scores except select {columns} from {other}.fct_lead_scores)"
            assert connection.execute(f"select count(*) {rows}").fetchall() == [(0,)]
        assert connection.execute("select count(*) from seeds.next_actions").fetchall() == [(0,)], "the seeds were loaded again"


# --------------------------------------------------------------------------------------------------------------------
# Usage
# --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: Callable[..., Result], command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "--json" in result.output


def test_the_front_door_names_the_commands_and_exit_codes(run: Callable[..., Result]) -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert all(command in result.output for command in COMMANDS)
    assert "5 locked" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("guess",),
        ("explain",),
        ("show", "--top", "0"),
        ("build", "--as-of-date", "10.03.2026"),
        ("build", "--as-of-date", "2026-02-30"),
        ("build", "--known-at", "yesterday"),
        ("build", "--known-at", "2026-03-10T10:00:00+02:00"),
        ("build", "--raw", "no/such/folder"),
        ("check", "--fix"),
        ("restate",),
        ("restate", "--date", "31.01.2026"),
        ("restate", "--date", "2026-03-11"),
        ("restate", "--date", "2026-01-31", "--output", "no/such/folder/scores.csv"),
    ],
)
def test_wrong_usage_exits_2(run: Callable[..., Result], arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == errors.WRONG_USAGE


@pytest.mark.parametrize(
    "text",
    [
        "{a: 2026-03-10, b: !!binary aGk=}",
        '{a: !!int ""}',
        "{a: !!bool x}",
        "{a: !!timestamp x}",
        "{a: !!set {b}}",
        "{1: 2, a: 3}",
        "{a: {1: 2, b: 3}}",
        "&a {b: *a}",
        "{a: .nan}",
        "[" * 3000,
    ],
)
def test_vars_that_dbt_cannot_be_given_are_refused(run: Callable[..., Result], text: str) -> None:
    """YAML knows more than JSON does, and its reader falls over some of it."""
    result = run("build", "--vars", text)
    assert result.exit_code == errors.WRONG_USAGE
    assert "Invalid value for '--vars'" in result.output


def test_vars_and_times_reach_dbt_as_they_were_written(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """A date without quotes is one too, and a time keeps its fraction."""
    taken: dict[str, Any] = {}

    def build(database: Path, variables: dict[str, Any], *others: object) -> tuple[dbt.Run, None]:
        taken.update(variables)
        return dbt.Run(), None

    monkeypatch.setattr(building, "build", build)
    result = run("build", "--vars", "{as_of_date: 2026-03-10, threads: 2}", "--known-at", "2026-03-10T10:00:00.25Z")
    assert result.exit_code == 0, result.output
    assert taken == {"as_of_date": "2026-03-10", "threads": 2, "known_at": "2026-03-10 10:00:00.250000"}


@pytest.mark.parametrize("arguments", [("explain", "j\udce9@b.example"), ("show", "--score-model", "\udce9")])
def test_a_name_that_is_no_utf_8_names_nobody(run: Callable[..., Result], arguments: tuple[str, ...]) -> None:
    """A terminal may hand over any bytes."""
    assert run(*arguments).exit_code == errors.DATA_WRONG
    result = run(*arguments, "--json")
    assert result.exit_code == errors.DATA_WRONG
    assert json.loads(result.output)["status"] == "error"


def test_a_python_without_the_packages_says_what_to_do(demo: Copy) -> None:
    result = subprocess.run(
        [sys.executable, "-S", "scripts/lead_scoring", "show"], cwd=demo.folder, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "make demo" in result.stderr
    assert "Traceback" not in result.stderr


# --------------------------------------------------------------------------------------------------------------------
# show
# --------------------------------------------------------------------------------------------------------------------


def test_show_tells_leads_segments_sources_and_quarantine(run: Callable[..., Result], reader: Database) -> None:
    result = run("show")
    assert result.exit_code == 0
    assert best_lead(reader) in result.output
    for segment in reader.rows("select label from staging.stg_config__segments"):
        assert segment["label"] in result.output
    for row in reader.rows("select distinct reason from quarantine.events union select distinct reason from quarantine.records"):
        assert row["reason"] in result.output
    assert f"make explain EMAIL={best_lead(reader)}" in result.output


def test_show_as_json_counts_every_row(run: Callable[..., Result]) -> None:
    found = json.loads(run("show", "--json", "--top", "25").output)
    assert [lead["score_rank"] for lead in found["top_leads"]] == list(range(1, 26))
    assert sum(segment["leads"] for segment in found["segments"]) == found["run"]["leads"]
    for source in found["sources"]:
        outcomes = ("scored", "duplicate", "deleted", "out_of_scope", "erased", "quarantined")
        assert sum(source[outcome] for outcome in outcomes) == source["rows_read"]
    assert found["run"]["as_of_date"] == SAMPLE_LAST_DAY


@pytest.mark.parametrize("columns", [80, 140])
@pytest.mark.parametrize("command", ["show", "explain"])
def test_output_fits_the_terminal(run: Callable[..., Result], reader: Database, command: str, columns: int) -> None:
    who = [best_lead(reader)] if command == "explain" else []
    lines = run(command, *who, columns=columns).output.splitlines()
    assert [line for line in lines if len(line) > columns] == []


def test_piped_output_has_no_colour(demo: Copy, reader: Database) -> None:
    for arguments in (["show"], ["explain", best_lead(reader)], ["--help"], ["explain", "nobody@example.com"]):
        result = demo.cli(*arguments)
        assert "\x1b" not in result.stdout + result.stderr, arguments


def test_a_reader_that_stops_reading_is_no_error(demo: Copy) -> None:
    command = f'"{sys.executable}" scripts/lead_scoring show --json --top 1000 | head -c 10'
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=demo.folder, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in result.stderr


# --------------------------------------------------------------------------------------------------------------------
# explain
# --------------------------------------------------------------------------------------------------------------------


def chosen_leads(database: Database) -> list[str]:
    """Leads of every kind: some of each segment, with a cycle, with manual points, and with each kind of correction."""
    query = """
        with kinds as (
            select lead_id, segment || trend as kind from marts.fct_lead_scores
            union all
            select lead_id, entry_type || coalesce(rule_group, '') || coalesce(subscore, '') from marts.fct_lead_score_contributions where entry_type <> 'rule'
        )
        select distinct lead_id from kinds qualify row_number() over (partition by kind order by md5(lead_id)) = 1 order by lead_id
    """
    return [str(row["lead_id"]) for row in database.rows(query)]


def test_the_entries_add_up_and_today_can_be_computed_anew(reader: Database) -> None:
    """The arithmetic that looks ahead gives the published score today, to the last digit."""
    leads = chosen_leads(reader)
    assert len(leads) > 20
    for lead_id in leads:
        found = explain.load(reader, lead_id, None, horizon=0)
        assert sum((row["points"] for row in found.ledger), Decimal(0)) == found.score["score_exact"]
        assert found.today is not None
        assert (lead_id, found.today.score_exact, found.today.segment) == (
            lead_id,
            found.score["score_exact"],
            found.score["segment"],
        )


def test_explain_shows_a_table_whose_sum_is_the_score(run: Callable[..., Result], reader: Database) -> None:
    who = best_lead(reader)
    result = run("explain", who)
    assert result.exit_code == 0
    shown = json.loads(run("explain", who, "--json").output)
    assert Decimal(shown["sum_of_entries"]) == Decimal(shown["score"]["score_exact"])
    (total,) = [line for line in result.output.splitlines() if line.startswith("= score")]
    assert Decimal(total.split()[-1]) == Decimal(shown["score"]["score_exact"])
    for entry in shown["entries"]:
        if entry["entry_type"] == "rule":
            assert entry["label"] in result.output
    assert f"published as {shown['score']['score']}." in result.output
    assert "If nothing happens" in result.output


def test_explain_finds_a_lead_by_any_spelling_and_by_id(run: Callable[..., Result], reader: Database) -> None:
    who = best_lead(reader)
    lead_id = reader.rows("select lead_id from marts.dim_leads where email = ?", [who])[0]["lead_id"]
    for spelling in (who, who.upper(), f" \u200b{who}\n", lead_id, lead_id.upper()):
        result = run("explain", spelling, "--json")
        assert json.loads(result.output)["lead"]["lead_id"] == lead_id, spelling


def test_explain_follows_an_address_that_was_left_behind(run: Callable[..., Result], reader: Database, demo: Copy) -> None:
    """Somebody who changed their e-mail is found by the old one."""
    contacts = demo.folder / "sample" / "raw" / "generic" / "contacts.parquet"
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select distinct lower(trim(email)) from read_parquet('{contacts}') where email like '%_@_%'"
        ).fetchall()
    former = reader.rows(
        """
        select versions.email, aliases.lead_id
        from unnest(?) as versions(email)
        inner join intermediate.int_lead_aliases as aliases on aliases.alias_id = md5('email:' || versions.email)
        inner join marts.dim_leads as leads on aliases.lead_id = leads.lead_id
        where leads.email <> versions.email and versions.email not in (select email from marts.dim_leads where email is not null)
        order by versions.email limit 1
        """,
        [[email for (email,) in found]],
    )[0]
    assert json.loads(run("explain", former["email"], "--json").output)["lead"]["lead_id"] == former["lead_id"]


def test_explain_of_an_unknown_lead_names_near_ones(run: Callable[..., Result], reader: Database) -> None:
    who = best_lead(reader)
    result = run("explain", who.replace("e", "a", 1))
    assert result.exit_code == errors.DATA_WRONG
    assert who in result.output
    told = json.loads(run("explain", who.replace("e", "a", 1), "--json").output)
    assert (told["status"], told["exit_code"]) == ("error", 1)
    assert who in told["near_matches"]


def test_an_unknown_score_model_exits_1(run: Callable[..., Result], reader: Database) -> None:
    for arguments in (["show"], ["explain", best_lead(reader)]):
        result = run(*arguments, "--score-model", "nobody")
        assert result.exit_code == errors.DATA_WRONG
        assert "there is default" in result.output


def test_data_cannot_move_the_cursor() -> None:
    from lead_scoring.console import clean

    assert "\x1b" not in clean("\x1b[2J[red]x[/red]")
    assert clean("[red]x[/red]") == "[red]x[/red]"


# --------------------------------------------------------------------------------------------------------------------
# The outlook: what was foreseen is what came
# --------------------------------------------------------------------------------------------------------------------


def silent_leads(database: Database, days: int, at_most: int) -> list[dict[str, Any]]:
    """Leads that nothing happened to in the last days, and of whom nothing else is known now than then; those that changed most first."""
    then = DAY - timedelta(days=days)
    return database.rows(
        """
        with traits_matched as (
            select lead_id, scored_on, string_agg(match_id, ',' order by match_id) as matches
            from intermediate.int_trait_matches group by lead_id, scored_on
        )
        select earlier.lead_id, earlier.score_model, earlier.scored_on as as_of_date, earlier.last_activity_on, earlier.is_excluded,
            later.score_exact, later.segment, later.score_exact <> earlier.score_exact as has_moved,
            earlier.segment <> later.segment as has_left
        from intermediate.int_lead_scores as earlier
        inner join intermediate.int_lead_scores as later using (lead_id, score_model)
        left join traits_matched as traits_then on traits_then.lead_id = earlier.lead_id and traits_then.scored_on = earlier.scored_on
        left join traits_matched as traits_now on traits_now.lead_id = later.lead_id and traits_now.scored_on = later.scored_on
        where earlier.scored_on = ? and later.scored_on = ?
            and traits_then.matches is not distinct from traits_now.matches
            and earlier.lead_id not in (
                select lead_id from intermediate.int_events_attributed where occurred_on > ? and lead_id is not null
            )
        order by has_left desc, has_moved desc, md5(earlier.lead_id)
        limit ?
        """,
        [then, DAY, then, at_most],
    )


@pytest.mark.parametrize("days", [7, 30, 90])
def test_what_was_foreseen_for_a_silent_lead_is_what_came(reader: Database, days: int) -> None:
    """The state of a week, a month and a quarter ago, taken forward to today without any event, is today's score to the last digit."""
    leads = silent_leads(reader, days, at_most=30)
    assert len(leads) == 30
    assert any(row["has_left"] for row in leads)
    model = explain.load_score_model(reader, "default")
    for then in leads:
        lead = reader.rows("select lead_id, first_seen_on from marts.dim_leads where lead_id = ?", [then["lead_id"]])[0]
        ledger = reader.rows(
            "select * from intermediate.int_contributions where lead_id = ? and score_model = ? and scored_on = ?",
            [then["lead_id"], then["score_model"], then["as_of_date"]],
        )
        foreseen = forecast.outlook(explain.load_lead(reader, lead, then, ledger), model, DAY)
        assert (then["lead_id"], foreseen.score_exact, foreseen.segment) == (
            then["lead_id"],
            then["score_exact"],
            then["segment"],
        )


def test_the_dates_of_change_are_the_first_of_their_kind(reader: Database) -> None:
    """On the day before a date that is shown, the lead is still in the segment before."""
    changing = [
        found
        for found in (explain.load(reader, lead_id, None) for lead_id in chosen_leads(reader)[::3])
        if found.reproduces_today and explain.changes(found)
    ]
    assert changing
    for found in changing:
        segment = found.score["segment"]
        for later in explain.changes(found):
            before = [day for day in found.outlooks if day.on < later.on]
            assert all(day.segment == segment for day in before[-1:])
            assert later.segment != segment
            segment = later.segment


def test_no_outlook_where_today_cannot_be_reproduced(reader: Database, capsys: pytest.CaptureFixture[str]) -> None:
    found = explain.load(reader, best_lead(reader), None)
    found.reproduces_today = False
    explain.print_explanation(found)
    assert "No outlook" in capsys.readouterr().out
    assert explain.as_json(found)["outlook"] is None


# --------------------------------------------------------------------------------------------------------------------
# A database that is not there, not one, or in use
# --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [("show",), ("explain", "ann@example.com"), ("restate", "--date", "2026-01-31")])
def test_a_missing_database_exits_1_and_says_what_to_do(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("LEAD_SCORING_DB", str(tmp_path / "none.duckdb"))
    result = run(*arguments)
    assert result.exit_code == errors.DATA_WRONG
    assert "make demo" in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_and_one_without_marts(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text, empty = tmp_path / "text.duckdb", tmp_path / "empty.duckdb"
    text.write_text("nothing of the kind, but long enough to be looked at " * 300, encoding="utf-8")
    duckdb.connect(str(empty)).close()
    monkeypatch.setenv("LEAD_SCORING_DB", str(text))
    result = run("show")
    assert (result.exit_code, "cannot be opened" in result.output) == (errors.DATA_WRONG, True)
    monkeypatch.setenv("LEAD_SCORING_DB", str(empty))
    result = run("show")
    assert (result.exit_code, "is not built" in result.output) == (errors.DATA_WRONG, True)


@contextmanager
def held(database: Path) -> Iterator[int]:
    """The database held open for writing by another process; its process id."""
    code = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(120)"
    with subprocess.Popen([sys.executable, "-c", code, str(database)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        try:
            yield holder.pid
        finally:
            holder.kill()


def test_a_database_in_use_exits_5_and_names_the_process(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    database = tmp_path / "used.duckdb"
    duckdb.connect(str(database)).close()
    monkeypatch.setenv("LEAD_SCORING_DB", str(database))
    with held(database) as pid:
        for arguments in (["show"], ["explain", "ann@example.com"], ["build"]):
            started = time.monotonic()
            result = run(*arguments)
            assert result.exit_code == errors.LOCKED, result.output
            assert f"process {pid}" in result.output
            assert len(result.output.strip().splitlines()) == 1
            assert time.monotonic() - started < 10
        assert json.loads(run("show", "--json").output)["pid"] == pid


@pytest.mark.skipif(os.name == "nt", reason="DuckDB's own lock is all there is")
def test_a_second_build_exits_5_and_names_the_first(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import fcntl

    monkeypatch.setenv("LEAD_SCORING_DB", str(tmp_path / "new.duckdb"))
    with (tmp_path / "new.duckdb.lock").open("w") as lock:
        lock.write("4711")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = run("build")
    assert result.exit_code == errors.LOCKED
    assert "process 4711" in result.output
    assert not (tmp_path / "new.duckdb").exists()


@pytest.mark.parametrize(
    ("text", "exit_code", "word"),
    [
        ("IO Error: Could not set lock on file \"x\": Conflicting lock is held in /usr/bin/python3.11 (PID 42). See also", 5, "python3.11 (process 42)"),
        ("IO Error: Cannot open file: The process cannot access the file because it is being used by another process.", 5, "another program"),
        ("IO Error: Could not write file \"x.duckdb\": No space left on device", 6, "The disk is full"),
        ("Out of Memory Error: failed to allocate data of size 32.0 MiB (243.9 MiB/244.1 MiB used)", 6, "not enough memory"),
        ("Out of Memory Error: failed to offload data block of size 256.0 KiB (max_temp_directory_size)", 6, "not enough memory"),
        ("Binder Error: Referenced column \"x\" not found", None, ""),
    ],
)  # fmt: skip
def test_errors_of_the_machine_are_told_apart(text: str, exit_code: int | None, word: str) -> None:
    error = errors.engine_error(text, "leads.duckdb")
    assert (error.exit_code if error else None) == exit_code
    assert word in (error.message if error else "")


def test_dbt_is_looked_for_beside_this_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert Path(dbt.find()).parent == Path(sys.executable).parent
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(errors.CommandError, match="dbt is not installed"):
        dbt.find()


def test_dbt_words_are_made_plain() -> None:
    """Headings and traces through macros go, the sentence stays."""
    told = """Encountered an error:
Compilation Error in operation lead_scoring-on-run-start-0 (./dbt_project.yml)
  The required column loaded_at is missing from events.csv.

  > in macro duckdb__register_table (macros/engine/register_raw.sql)
  > called by operation lead_scoring-on-run-start-0 (./dbt_project.yml)"""
    assert dbt.plain_message(told) == "The required column loaded_at is missing from events.csv."
    result = dbt.Run(exit_code=2, errors=[told])
    assert dbt.error_of(result, "leads.duckdb").message == "The required column loaded_at is missing from events.csv."


def test_notices_of_one_table_are_one_sentence() -> None:
    told = [
        "no file for generic/outcomes",
        "generic.events has no column amount; it is null.",
        "generic.events has no column asset; it is null.",
    ]
    assert dbt.grouped(told) == ["no file for generic/outcomes", "generic.events has no amount, asset; they are null."]
    assert dbt.grouped(told[1:2]) == ["generic.events has no amount; it is null."]


# --------------------------------------------------------------------------------------------------------------------
# check and build, with dbt
# --------------------------------------------------------------------------------------------------------------------


def edit(file: Path, old: str, new: str) -> int:
    """Replace a text that stands once in a file; the line on which it stood."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def break_seeds(project: Copy) -> list[str]:
    """Two contradictions in two files; the beginnings of the lines that must tell of them."""
    grid, segments = project.folder / "seeds" / "point_grid.csv", project.folder / "seeds" / "segments.csv"
    decay = edit(grid, "email_click,behaviour,email,engagement,Clicked a link in an e-mail,event,email_clicked,,,,10,half_life,30,",
                 "email_click,behaviour,email,engagement,Clicked a link in an e-mail,event,email_clicked,,,,10,half_life,,")  # fmt: skip
    bound = edit(segments, "default,qualified,Qualified,3,50,", "default,qualified,Qualified,3,5O,")
    return [
        f"seeds/point_grid.csv:{decay}: default / email_click: column decay_days: is missing",
        f"seeds/segments.csv:{bound}: default: column lower_bound: segment=qualified: 5O is no number",
    ]


def test_check_passes_on_what_is_shipped_and_touches_nothing(broken_copy: Copy) -> None:
    before = hashlib.sha256(broken_copy.database.read_bytes()).hexdigest()
    result = broken_copy.cli("check", "--json")
    assert result.returncode == 0, result.stdout + result.stderr
    assert json.loads(result.stdout) == {"status": "ok", "exit_code": 0, "faults": []}
    assert hashlib.sha256(broken_copy.database.read_bytes()).hexdigest() == before
    assert list(broken_copy.folder.glob("target/check/*.duckdb*")) == []


def test_faulty_seeds_are_told_with_their_lines_and_nothing_is_published(broken_copy: Copy) -> None:
    """`check` and `build` say the same, line by line; the file of `check` is its own, and `build` stops before any score changes."""
    expected = break_seeds(broken_copy)
    before, published = hashlib.sha256(broken_copy.database.read_bytes()).hexdigest(), marts_hash(broken_copy.database)

    checked = broken_copy.cli("check")
    assert checked.returncode == errors.DATA_WRONG, checked.stdout + checked.stderr
    assert checked.stdout == ""
    *told, count = checked.stderr.splitlines()
    assert len(told) == len(expected)
    assert all(line.startswith(start) for line, start in zip(told, expected, strict=True)), told
    assert count == "2 faults in the seeds."
    assert hashlib.sha256(broken_copy.database.read_bytes()).hexdigest() == before

    built = broken_copy.cli("build", "--as-of-date", SAMPLE_LAST_DAY, "--json", LEAD_SCORING_RAW="sample/raw")
    assert built.returncode == errors.DATA_WRONG
    answer = json.loads(built.stdout)
    assert answer["message"].splitlines()[:2] == told
    assert "the published tables are those of the run before" in answer["message"]
    assert [fault["line"] for fault in answer["faults"]] == [int(start.split(":")[1]) for start in expected]
    assert marts_hash(broken_copy.database) == published


@pytest.mark.parametrize("command", ["check", "build"])
def test_bytes_that_are_no_text_are_told_before_dbt_is_called(broken_copy: Copy, command: str) -> None:
    grid = broken_copy.folder / "seeds" / "point_grid.csv"
    lines = grid.read_bytes().split(b"\n")
    lines[4] = lines[4].replace(b"Searched", b"S\xe9arched")
    grid.write_bytes(b"\n".join(lines))
    published = marts_hash(broken_copy.database)
    started = time.monotonic()
    result = broken_copy.cli(command)
    assert result.returncode == errors.DATA_WRONG
    assert result.stderr.startswith("seeds/point_grid.csv:5: ")
    assert "UTF-8" in result.stderr
    assert time.monotonic() - started < 20
    assert not (broken_copy.folder / "target" / "check" / "dbt").exists()
    assert marts_hash(broken_copy.database) == published


def test_raw_data_without_a_required_column_is_told_in_one_line(broken_copy: Copy, tmp_path: Path) -> None:
    raw = tmp_path / "raw" / "generic"
    raw.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(f"copy (select '1' as event_id, 'page_viewed' as event_type) to '{raw / 'events.parquet'}'")
    published = marts_hash(broken_copy.database)
    result = broken_copy.cli("build", "--raw", str(tmp_path / "raw"))
    assert result.returncode == errors.DATA_WRONG
    assert "occurred_at is missing" in result.stderr
    assert "events.parquet" in result.stderr
    assert "Traceback" not in result.stderr
    assert "macro" not in result.stderr
    assert marts_hash(broken_copy.database) == published


def test_build_said_what_it_did(demo: Copy) -> None:
    told = json.loads(json.loads((demo.folder / "built.json").read_text(encoding="utf-8"))["stdout"])
    assert (told["status"], told["exit_code"]) == ("ok", 0)
    assert told["statistics"]["error"] == 0
    assert told["statistics"]["pass"] > 100
    assert Path(told["database"]) == demo.database


CALLS_OTHERS = (
    "set_up.py",
    "lint_sql.py",
    "audit_dependencies.py",
    "environments.py",
    "try_readers.py",
    "try_superset.py",
    "take_pictures.py",
)
"""Scripts beside the command line that call programs other than dbt: a package installer, a linter, an auditor, other people's tools, and this command line."""


def test_only_one_module_calls_dbt() -> None:
    """Everything else would have to change with dbt's next version."""
    for file in (checks.PROJECT / "scripts").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if file.name != "dbt.py":
            assert "dbtRunner" not in text, file
            assert "from dbt." not in text, file
            assert "import subprocess" not in text or file.name in CALLS_OTHERS, file


def test_scratch_is_removed_after_a_check_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "SCRATCH", tmp_path / "check")
    with contextlib.suppress(KeyError), checks.scratch() as (database, environment):
        duckdb.connect(str(database)).close()
        assert Path(environment["LEAD_SCORING_RAW"]).is_dir()
        raise KeyError
    assert {path.name for path in (tmp_path / "check").iterdir()} == {"lock"}
