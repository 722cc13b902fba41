"""Publishing: readers see all marts of one whole, audited run, or all of the run before; nobody is locked out; whoever was erased is gone.

Most tests publish the built sample again and again, which takes a second each; how a build calls all this is tested with few builds.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import SAMPLE_LAST_DAY, Copy
from lead_scoring import auditing, erasing, pseudonyms, publishing
from lead_scoring.errors import AUDIT_FAILED, DATA_WRONG, GUARDED, LOCKED, WRONG_USAGE, CommandError

LEFT_TO_DBT = ["assert_rows_are_accounted_for", "assert_trend_agrees_with_scores"]
SECRET = "a secret of the tests"
LAST_LEAD = "lead_id = (select arg_max(lead_id, score_rank) from marts.fct_lead_scores join marts.dim_leads using (lead_id) where contains(email, '@') and score_rank = (select max(score_rank) from marts.fct_lead_scores))"
"""The one that can go without leaving a gap in the ranks."""


@pytest.fixture
def database(tmp_path: Path, demo_database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the built sample of which nothing was published; its purges do not touch the repository."""
    monkeypatch.setattr(erasing, "PROJECT", tmp_path / "project")
    monkeypatch.delenv(pseudonyms.SECRET, raising=False)
    copy = tmp_path / demo_database.name
    shutil.copy(demo_database, copy)
    return copy


def execute(database: Path, *statements: str) -> None:
    """Change a database."""
    with duckdb.connect(str(database)) as connection:
        for statement in statements:
            connection.execute(statement)


def read(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """What a reader sees now."""
    with publishing.connect(folder) as connection:
        return connection.execute(query).fetchall()


def folder_of(database: Path) -> Path:
    return publishing.published_folder(database)


# --------------------------------------------------------------------------------------------------------------------
# What is published
# --------------------------------------------------------------------------------------------------------------------


def test_everything_that_is_published_is_a_table_equal_to_the_mart(database: Path) -> None:
    version = publishing.publish(database).version
    assert version is not None
    with duckdb.connect(str(database), read_only=True) as connection:
        marts = [
            name
            for (name,) in connection.execute(
                "select table_name from information_schema.tables where table_schema = 'marts'"
            ).fetchall()
        ]
        connection.execute(f"attach '{version.folder / publishing.DATABASE}' as published (read_only)")
        for name in marts:
            for one, other in ((f"marts.{name}", f"published.marts.{name}"), (f"published.marts.{name}", f"marts.{name}")):
                differing = f"select count(*) from (from {one} except all from {other})"
                assert connection.execute(differing).fetchall() == [(0,)], name
            rows = connection.execute(f"select count(*) from marts.{name}").fetchall()[0][0]
            assert version.manifest["tables"][name] == rows
        kinds = "select distinct table_type from information_schema.tables where table_catalog = 'published'"
        assert connection.execute(kinds).fetchall() == [("BASE TABLE",)]
    assert len(marts) > 10


def test_a_mart_that_the_run_did_not_make_is_not_published(database: Path) -> None:
    """One that was switched off stays in the database as it was left."""
    execute(database, "create table marts.rpt_of_last_year as select 1 as old")
    version = publishing.publish(database).version
    assert version is not None
    assert "rpt_of_last_year" not in version.manifest["tables"]
    assert read(folder_of(database), "select count(*) from information_schema.tables where table_name = 'rpt_of_last_year'") == [
        (0,)
    ]


def test_a_version_says_of_which_run_it_is(database: Path) -> None:
    version = publishing.publish(database).version
    assert version is not None
    run_ids = read(folder_of(database), "select distinct run_id, as_of_date from marts.fct_lead_scores")
    assert run_ids == read(folder_of(database), "select run_id, as_of_date from publication.run")
    assert (version.manifest["run_id"], version.manifest["as_of_date"]) == (run_ids[0][0], str(run_ids[0][1]))
    for name, said in version.manifest["files"].items():
        content = (version.folder / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (said["bytes"], said["sha256"])
        assert (version.folder / name).stat().st_mode & 0o222 == 0, "nobody writes into what is published"
    report = json.loads((version.folder / "report.json").read_text(encoding="utf-8"))
    assert (
        sum(row["row_count"] for row in report["sources"])
        == read(folder_of(database), "select sum(row_count) from marts.rpt_source_rows")[0][0]
    )
    assert report["guards"]
    assert report["published"]
    assert "## Guards" in (version.folder / "report.md").read_text(encoding="utf-8")


def test_only_the_newest_versions_stay(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAD_SCORING_VERSIONS_KEPT", "2")
    for _ in range(4):
        publishing.publish(database)
    assert [version.number for version in publishing.versions(folder_of(database))] == [3, 4]
    monkeypatch.setenv("LEAD_SCORING_VERSIONS_KEPT", "none")
    with pytest.raises(CommandError, match="LEAD_SCORING_VERSIONS_KEPT"):
        publishing.publish(database)
    seen = publishing.current(folder_of(database))
    assert seen is not None
    assert seen.number == 4, "nothing is published under a setting that makes no sense"


# --------------------------------------------------------------------------------------------------------------------
# Readers
# --------------------------------------------------------------------------------------------------------------------


def test_a_reader_stays_connected_through_twenty_versions(database: Path) -> None:
    """It keeps the version that it opened, complete; whoever connects anew, in the same process too, sees the newest."""
    folder = folder_of(database)
    publishing.publish(database)
    opened = publishing.connect(folder)
    first = opened.execute("select version from publication.run").fetchall()
    ledger = opened.execute("select count(*), sum(points) from marts.fct_lead_score_contributions").fetchall()
    for number in range(2, 22):
        version = publishing.publish(database).version
        assert version is not None
        assert version.number == number
        assert opened.execute("select version from publication.run").fetchall() == first
        assert opened.execute("select count(*), sum(points) from marts.fct_lead_score_contributions").fetchall() == ledger
        assert read(folder, "select version from publication.run") == [(version.name,)]
    opened.close()


def test_a_reader_can_do_nothing_but_read(database: Path, tmp_path: Path) -> None:
    publishing.publish(database)
    file = tmp_path / "file.csv"
    file.write_text("a\n1\n", encoding="utf-8")
    with publishing.connect(folder_of(database)) as connection:
        assert connection.execute("select count(*) from marts.dim_leads").fetchall()[0][0] > 0
        for way_out in (
            f"from '{file}'", f"select * from read_text('{file}')", f"copy marts.dim_leads to '{tmp_path / 'out.csv'}'", f"attach '{database}'",
            "install httpfs", "load httpfs", "set enable_external_access = true", "set memory_limit = '1GB'", "create table marts.mine as select 1",
            "delete from marts.dim_leads", f"select * from glob('{tmp_path}/*')",
        ):  # fmt: skip
            with pytest.raises(duckdb.Error):
                connection.execute(way_out)


# --------------------------------------------------------------------------------------------------------------------
# The audit
# --------------------------------------------------------------------------------------------------------------------


def test_the_audit_asks_all_that_dbt_asks_of_the_marts(database: Path) -> None:
    """Two laws alone need more than names of models, and the report says so."""
    publishing.publish(database)
    told = json.loads((folder_of(database) / "last_run.json").read_text(encoding="utf-8"))["audit"]
    assert told["left_to_dbt"] == LEFT_TO_DBT
    declared = sum(
        len(list(auditing.declared_tests(model))) for model in auditing.declared_in(auditing.MARTS, auditing.ACTIVATION).values()
    )
    off = len(list(auditing.declared_tests(auditing.declared_in(auditing.MARTS)["rpt_signature_clicks"])))
    laws = len(list(auditing.LAWS.glob("*.sql")))
    assert told["passed"] == declared - off + laws - len(LEFT_TO_DBT)


@pytest.mark.parametrize(
    ("fault", "test"),
    [
        ("update marts.fct_lead_scores set score_exact = score_exact + 0.000001 where score_rank = 1", "assert_ledger_closes"),
        ("delete from marts.fct_lead_scores where score_rank = 1", "assert_every_lead_has_every_score_once"),
        ("insert into marts.dim_leads from marts.dim_leads limit 1", "unique_combination_dim_leads"),
        ("update marts.fct_lead_scores set grade = null where score_rank = 1", "not_null_fct_lead_scores_grade"),
        ("update marts.fct_lead_scores set trend = 'up' where score_rank = 1", "accepted_values_fct_lead_scores_trend"),
        (
            "update marts.fct_lead_scores set run_id = 'other' where score_rank = 1",
            "fct_lead_scores is of the run that is published",
        ),
    ],
)
def test_what_breaks_a_test_is_not_published(database: Path, fault: str, test: str) -> None:
    folder = folder_of(database)
    before = publishing.publish(database).version
    execute(database, fault)
    with pytest.raises(CommandError, match="readers see version 1") as error:
        publishing.publish(database)
    assert error.value.exit_code == AUDIT_FAILED
    assert test in error.value.details["broken"]  # type: ignore[operator]
    assert publishing.current(folder) == before
    assert [version.number for version in publishing.versions(folder)] == [1]
    told = json.loads((folder / "last_run.json").read_text(encoding="utf-8"))
    assert test in told["audit"]["broken"]
    assert not told["published"]


def test_a_test_that_only_dbt_knows_is_told_and_not_passed_over() -> None:
    assert auditing.counted("expression_is_true", "marts.t", "a", {}, None, {}) is None
    assert auditing.law("select * from {{ ref('t') }} where {{ lead_scoring.some() }}", {"t": "marts.t"}) is None
    assert auditing.law("select * from {{ ref('gone') }}", {}) is None
    assert (
        auditing.law("-- Why.\nselect * from {{ ref('t') }}", {"t": "marts.t"})
        == "select count(*) from (\nselect * from marts.t\n) as broken"
    )


@pytest.mark.parametrize("fault", ["delete from runs.complete", "drop table runs.complete"])
def test_half_a_run_is_not_published(database: Path, fault: str) -> None:
    execute(database, fault)
    with pytest.raises(CommandError, match="holds no whole run") as error:
        publishing.publish(database)
    assert error.value.exit_code == DATA_WRONG
    assert publishing.current(folder_of(database)) is None


# --------------------------------------------------------------------------------------------------------------------
# Guards and dates
# --------------------------------------------------------------------------------------------------------------------


def test_a_guard_stops_what_nobody_has_looked_at(database: Path) -> None:
    folder = folder_of(database)
    before = publishing.publish(database).version
    execute(
        database,
        "update marts.rpt_guards set status = 'stop' where guard = 'share_quarantined'",
        "insert into runs.awaited values (0)",
    )
    with pytest.raises(CommandError, match=r"share_quarantined: .* of generic cannot be used") as error:
        publishing.publish(database)
    assert error.value.exit_code == GUARDED
    assert "--accept-guards" in error.value.message
    assert publishing.current(folder) == before
    with duckdb.connect(str(database)) as connection:
        assert connection.execute("select count(*) from runs.awaited").fetchall() == [(1,)], (
            "what was not published stays under reserve"
        )
    published = publishing.publish(database, accept_guards=True)
    assert published.version is not None
    assert published.version.number == 2
    assert [row["guard"] for row in published.version.manifest["guards_overruled"]] == ["share_quarantined"]
    with duckdb.connect(str(database)) as connection:
        assert connection.execute("select count(*) from runs.awaited").fetchall() == [(0,)]


def test_an_earlier_date_and_what_was_known_then_are_not_published(database: Path) -> None:
    version = publishing.publish(database).version
    execute(database, "update runs.complete set as_of_date = as_of_date - 1")
    published = publishing.publish(database)
    assert published.version is None
    assert f"lies before {SAMPLE_LAST_DAY}" in published.reason
    with pytest.raises(CommandError, match="has the clock jumped back") as error:
        publishing.publish(database, is_dated=False)
    assert error.value.exit_code == GUARDED
    execute(database, "update runs.complete set as_of_date = as_of_date + 1, is_question = true")
    assert "known_at" in publishing.publish(database).reason
    assert publishing.current(folder_of(database)) == version


# --------------------------------------------------------------------------------------------------------------------
# Going back
# --------------------------------------------------------------------------------------------------------------------


def test_an_earlier_version_comes_back_and_the_next_one_follows(database: Path) -> None:
    folder = folder_of(database)
    for _ in range(3):
        publishing.publish(database)
    assert publishing.rollback(database).number == 2
    assert publishing.rollback(database).number == 1
    with pytest.raises(CommandError, match="no earlier version") as error:
        publishing.rollback(database)
    assert error.value.exit_code == WRONG_USAGE
    assert publishing.rollback(database, 3).number == 3
    with pytest.raises(CommandError, match="no version 7 to go back to; kept are 1, 2, 3"):
        publishing.rollback(database, 7)
    damaged = publishing.versions(folder)[1].folder / publishing.DATABASE
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    with pytest.raises(CommandError, match="is not the file that was published"):
        publishing.rollback(database)
    seen = publishing.current(folder)
    assert seen is not None
    assert seen.number == 3
    publishing.rollback(database, 1)
    published = publishing.publish(database).version
    assert published is not None
    assert published.number == 4


def test_the_command_line_publishes_goes_back_and_lists(broken_copy: Copy) -> None:
    again = broken_copy.cli("publish", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["publication"]["version"].startswith("000002-")
    back = broken_copy.cli("rollback")
    assert back.returncode == 0
    assert "Readers see version 1" in back.stdout
    listed = broken_copy.cli("versions")
    assert listed.returncode == 0
    assert len(listed.stdout.strip().splitlines()) == 3
    nothing = broken_copy.cli("rollback", LEAD_SCORING_PUBLISHED=str(broken_copy.folder / "elsewhere"))
    assert nothing.returncode == WRONG_USAGE
    assert "Nothing was ever published" in nothing.stderr


def test_who_looks_into_a_half_built_database_is_told(broken_copy: Copy) -> None:
    assert "did not end" not in broken_copy.cli("show").stderr
    execute(broken_copy.database, "delete from runs.complete")
    shown = broken_copy.cli("show", "--json")
    assert shown.returncode == 0
    assert "the last build of lead_scoring.duckdb did not end" in shown.stderr
    assert json.loads(shown.stdout)["top_leads"]


def test_two_publications_at_once_are_refused(database: Path) -> None:
    folder = folder_of(database)
    folder.mkdir()
    # A lock is held by a process, not by a thread.
    holder = subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\nfrom pathlib import Path\nfrom lead_scoring.locks import locked\n"
         f"with locked(Path({str(folder / 'lock')!r})):\n    print('held', flush=True)\n    sys.stdin.read()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdin is not None
    try:
        assert holder.stdout.readline().strip() == "held"
        with pytest.raises(CommandError, match=f"process {holder.pid}") as error:
            publishing.publish(database)
        assert error.value.exit_code == LOCKED
    finally:
        holder.stdin.close()
        holder.wait()
    assert publishing.publish(database).version is not None


# --------------------------------------------------------------------------------------------------------------------
# Killed on the way
# --------------------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """What stands for a process that is killed: nothing catches it and nothing cleans up after it."""


@pytest.mark.parametrize("step", ["make_version", "seal", "put_in_place", "point_to", "lift_reserve", "prune"])
def test_killed_before_any_step_the_next_one_publishes(database: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    folder = folder_of(database)
    publishing.publish(database)
    execute(database, "insert into runs.awaited values (0)")
    with monkeypatch.context() as patched:

        def die(*arguments: Any, **named: Any) -> Any:
            raise Killed

        patched.setattr(publishing, step, die)
        with pytest.raises(Killed):
            publishing.publish(database)
    is_out = step in ("lift_reserve", "prune")
    assert read(folder, "select count(*) from publication.run") == [(1,)]
    seen = publishing.current(folder)
    assert seen is not None
    assert (seen.number > 1) == is_out
    publishing.settle(database)
    with duckdb.connect(str(database)) as connection:
        # The sample's run is that of version 1, too, so it counts as published either way; what matters is that the log agrees with what readers see.
        assert connection.execute("select count(*) from runs.awaited").fetchall() == [(0,)]
    version = publishing.publish(database).version
    assert version is not None
    assert version.number > seen.number
    assert not list((folder / "versions").glob("*.making"))
    assert not list(folder.glob("current.*"))


def test_what_was_never_published_stays_under_reserve(database: Path) -> None:
    publishing.publish(database)
    execute(database, "insert into runs.awaited values (0)", "update runs.complete set run_id = 'another run'")
    publishing.settle(database)
    with duckdb.connect(str(database)) as connection:
        assert connection.execute("select count(*) from runs.awaited").fetchall() == [(1,)]


# --------------------------------------------------------------------------------------------------------------------
# Who it is about
# --------------------------------------------------------------------------------------------------------------------


def test_the_pseudonymous_marts_name_nobody(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys are HMACs of the ids, the tables join by them, and no byte of an id, an address, a name or a telephone number is in the file."""
    monkeypatch.setenv(pseudonyms.SECRET, SECRET)
    version = publishing.publish(database).version
    assert version is not None
    file = version.folder / publishing.PSEUDONYMOUS
    with duckdb.connect(str(database), read_only=True) as connection:
        leads = connection.execute("select lead_id, email, phone, last_name from marts.dim_leads").fetchall()
        # Names of people may be words of something else: those are looked for that stand nowhere else.
        elsewhere = str(
            connection.execute(
                "select distinct company, company_domain, job_title, city, country, industry, lead_source, persona from marts.dim_leads"
            ).fetchall()
        )
    content = file.read_bytes()
    for lead_id, email, phone, last_name in leads:
        for told in (lead_id, email, phone):
            assert told is None or told.encode() not in content, told
        assert last_name is None or last_name in elsewhere or last_name.encode() not in content or len(last_name) < 5, last_name
    with publishing.connect(folder_of(database), publishing.PSEUDONYMOUS) as connection:
        keys = {key for (key,) in connection.execute("select lead_key from marts_pseudonymous.dim_leads").fetchall()}
        expected = {
            hmac.new(SECRET.encode(), lead_id.encode(), "sha256").hexdigest()[: pseudonyms.KEY_LENGTH] for lead_id, *_ in leads
        }
        assert keys == expected
        joined = "select count(*) from marts_pseudonymous.fct_lead_scores join marts_pseudonymous.dim_leads using (lead_key)"
        assert connection.execute(joined).fetchall() == [(version.manifest["tables"]["fct_lead_scores"],)]
    everything = b"".join(path.read_bytes() for path in version.folder.iterdir())
    assert SECRET.encode() not in everything + database.read_bytes()


@pytest.mark.parametrize("length", [63, 64, 65, 200])
def test_the_pads_are_those_of_hmac(length: int) -> None:
    key = b"k" * length
    inner, outer = pseudonyms.pads(key)
    found = hashlib.sha256(outer + hashlib.sha256(inner + b"message").digest()).hexdigest()
    assert found == hmac.new(key, b"message", "sha256").hexdigest()


def test_a_secret_that_is_too_short_is_none(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(pseudonyms.SECRET, "secret")
    with pytest.raises(CommandError, match="at least 16"):
        publishing.publish(database)
    assert publishing.current(folder_of(database)) is None
    monkeypatch.setenv(pseudonyms.SECRET, "")
    version = publishing.publish(database).version
    assert version is not None
    assert not (version.folder / publishing.PSEUDONYMOUS).exists()


def test_every_id_of_a_person_is_marked_in_the_marts() -> None:
    """A new column of ids, addresses or names has to say what becomes of it."""
    marked = {
        (name, column["name"]): column.get("config", {}).get("meta", {}).get("pseudonymised")
        for name, model in auditing.declared_in(auditing.MARTS).items()
        for column in model["columns"]
    }
    told = ("email", "phone", "first_name", "last_name", "contact_id", "owner", "reasons", "signature_name")
    for (name, column), kind in marked.items():
        if column.endswith("lead_id"):
            assert kind == "key", f"{name}.{column}"
        elif column.endswith(told) and not column.startswith("is_"):
            assert kind == "drop", f"{name}.{column}"
        else:
            assert kind is None, f"{name}.{column}"


def erase(database: Path, condition: str) -> list[str]:
    """Let the database look as after a run in which some leads were erased; returns their ids."""
    with duckdb.connect(str(database)) as connection:
        ids = [lead_id for (lead_id,) in connection.execute(f"select lead_id from marts.dim_leads where {condition}").fetchall()]
        connection.execute("insert into intermediate.int_erased_leads select unnest(?::varchar[]), timestamp '2026-03-10'", [ids])
        tables = connection.execute(
            "select c.table_schema, c.table_name, c.column_name from information_schema.columns as c join information_schema.tables as t using (table_schema, table_name)"
            " where t.table_type = 'BASE TABLE' and ends_with(c.column_name, 'lead_id') and c.table_name <> 'int_erased_leads'"
        ).fetchall()
        for schema, name, column in tables:
            connection.execute(f'delete from "{schema}"."{name}" where "{column}" in (select unnest(?::varchar[]))', [ids])
        return ids


@pytest.mark.parametrize("is_stopped", [False, True], ids=["published", "stopped by a guard"])
def test_whoever_was_erased_is_in_no_version(database: Path, is_stopped: bool) -> None:
    """Also where a guard stops the run: then the version before is published again without them. The other leads keep their digits."""
    folder = folder_of(database)
    for _ in range(2):
        publishing.publish(database)
    needle = read(folder, f"select email from marts.dim_leads where {LAST_LEAD}")[0][0]
    others = "select lead_id, score_model, score_exact, top_reasons from marts.fct_lead_scores where lead_id not in (select lead_id from marts.dim_leads where email = $email) order by all"
    with publishing.connect(folder) as connection:
        before = connection.execute(others, {"email": needle}).fetchall()
    (lead_id,) = erase(database, LAST_LEAD)
    if is_stopped:
        execute(database, "update marts.rpt_guards set status = 'stop'")
        with pytest.raises(CommandError, match="1 erased person was taken out"):
            publishing.publish(database)
    else:
        assert publishing.publish(database).purged == 1
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    assert all(needle.encode() not in path.read_bytes() for path in [*files, database])
    assert all(lead_id.encode() not in path.read_bytes() for path in files)
    assert len(publishing.versions(folder)) == 1
    with publishing.connect(folder) as connection:
        assert connection.execute(others, {"email": needle}).fetchall() == before
    assert read(folder, "select people from publication.erasures order by purged_at desc limit 1") == [(1,)]
    assert publishing.publish(database, accept_guards=True).purged == 0, "once is enough"


def test_a_purge_that_was_killed_is_done_again(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publishing.publish(database)
    erase(database, LAST_LEAD)
    with monkeypatch.context() as patched:

        def die(*arguments: Any) -> None:
            raise Killed

        patched.setattr(erasing, "rewrite", die)
        with pytest.raises(Killed):
            publishing.publish(database)
    # What a process leaves that is killed while it copies.
    for ending in ("", ".wal"):
        database.with_name(f"{database.name}.rewritten{ending}").write_bytes(b"half a copy")
    assert publishing.publish(database).purged == 1
    assert not list(database.parent.glob("*.rewritten*"))
    assert publishing.publish(database).purged == 0


def test_the_rows_of_a_lead_stand_together(database: Path) -> None:
    """A reader who asks for one lead need not read all of a table; nor does a board."""
    publishing.publish(database)
    tables = read(
        folder_of(database), "select table_name from duckdb_columns() where schema_name = 'marts' and column_name = 'lead_id'"
    )
    assert len(tables) > 10
    for (name,) in tables:
        out_of_order = f"select count(*) from (select lead_id < lag(lead_id) over (order by rowid) as is_before from marts.{name}) where is_before"
        assert read(folder_of(database), out_of_order) == [(0,)], name


def test_a_database_that_cannot_be_copied_stays(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publishing.publish(database)
    erase(database, LAST_LEAD)
    before = _content(database)
    monkeypatch.setattr(erasing, "contents", _counting(erasing.contents))
    with pytest.raises(CommandError, match="could not be copied whole"):
        publishing.publish(database)
    assert not list(database.parent.glob("*.rewritten"))
    monkeypatch.undo()
    # Rows, not bytes: DuckDB gives empty blocks at the end of a file back when it closes it.
    assert _content(database) == before


def _content(database: Path) -> dict[str, str]:
    """A sum over all rows of each table of the working database but the raw ones, which a purge empties and the next build reads again."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return {
            f"{schema}.{name}": str(connection.execute(f'select count(*), sum(hash(t)) from "{schema}"."{name}" as t').fetchall())
            for schema, name, rows in erasing.contents(connection, database.stem)
            if rows is not None and not schema.startswith("raw_")
        }


def _counting(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose second call gives something else."""
    calls: list[int] = []

    def called(*arguments: Any) -> Any:
        calls.append(1)
        return function(*arguments) if len(calls) == 1 else None

    return called
