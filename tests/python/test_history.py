"""The history is a log: what was published stays as it was published, and the past is restated beside it.

One random case lives through some days. After each build the scores are kept in Python, and the log is held against them.
"""

from __future__ import annotations

import csv
import hashlib
import shutil
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import cases
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import Project
from lead_scoring import dbt, errors, restating

Scores = dict[tuple[str, str], tuple[int, str, str]]
"""Score, grade and segment by lead and score model."""

FIRST = cases.BASE_DATE - timedelta(days=9)
SECOND = cases.BASE_DATE - timedelta(days=5)
EARLIER = FIRST - timedelta(days=20)
HISTORY = ("--select", "+fct_lead_score_history", "+fct_segment_transitions")

# What a later build need not make anew, since the seeds stay as they are; nor where the raw data does.
SAME_SEEDS = ("--exclude", "path:models/staging/config", "path:models/intermediate/rules")
SAME_DATA = ("--select", "int_scored_dates+,+fct_lead_score_history", *SAME_SEEDS)
VARIABLES = {"scoring_timezone": "Europe/Berlin"}
MOVED = "somebody@moved.example"


@dataclass
class Life:
    """The project after its days, and what was seen on the way."""

    project: Project
    raw: Path
    published: dict[str, Scores] = field(default_factory=dict)
    log: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    stints: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    restated: list[dict[str, Any]] = field(default_factory=list)
    mover: str = ""

    def build(self, step: str, as_of_date: date, *options: str) -> None:
        """Build what the options select for a date and keep the scores, the log, the history and what was said."""
        file = self.project.folder / "logs" / "dbt.log"
        file.unlink(missing_ok=True)
        outcome = self.project.dbt(
            *options, "--log-level-file", "info", raw=self.raw, variables={**VARIABLES, "as_of_date": str(as_of_date)}
        )
        assert outcome.success, [node.message for node in getattr(outcome.result, "results", None) or []]
        self.said[step] = file.read_text(encoding="utf-8")
        self.published[step] = scores(self.project, "select * from marts.fct_lead_scores")
        self.stints[step] = self.project.rows("select * from marts.fct_lead_score_history")
        self.log[step] = self.project.rows("select * from state.int_scores_published order by publication, lead_id, score_model")

    def appended(self, step: str, before: str) -> list[dict[str, Any]]:
        """The entries of the log that came after the step before; those of the step before are still there."""
        earlier, later = self.log[before], self.log[step]
        assert later[: len(earlier)] == earlier
        return later[len(earlier) :]


def scores(project: Project, query: str) -> Scores:
    """Score, grade and segment of each row of a query."""
    rows = project.rows(query)
    return {(row["lead_id"], row["score_model"]): (row["score"], row["grade"], row["segment"]) for row in rows}


def on(day: date, stints: list[dict[str, Any]]) -> Scores:
    """What the history says was published for a day."""
    return {
        (row["lead_id"], row["score_model"]): (row["score"], row["grade"], row["segment"])
        for row in stints
        if row["valid_from"] <= day and (row["valid_to"] is None or day < row["valid_to"])
    }


def differences(earlier: Scores, later: Scores) -> set[tuple[str, str]]:
    """Whose score, grade or segment is another one, or is in one of the two alone."""
    return {key for key in earlier.keys() | later.keys() if earlier.get(key) != later.get(key)}


def keys(entries: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Lead and score model of each entry."""
    return [(entry["lead_id"], entry["score_model"]) for entry in entries]


def append(raw: Path, table: str, **values: Any) -> None:
    """A further row in a raw table; what is not named is null."""
    file = raw / "generic" / f"{table}.parquet"
    known = pq.read_table(file)
    row = {name: [values.get(name)] for name in known.column_names}
    pq.write_table(pa.concat_tables([known, pa.table(row, schema=known.schema)]), file)


def move_somebody(raw: Path, day: date, leads: set[str]) -> str:
    """Give one of the leads, whose contact stands alone, another e-mail from a day on; returns the lead id of before."""
    links = pq.read_table(raw / "generic" / "identity_links.parquet").to_pylist()
    linked = {link[name] for link in links for name in ("contact_id", "merged_into_contact_id")}
    contacts = pq.read_table(raw / "generic" / "contacts.parquet").to_pylist()
    for contact in contacts:
        same = [row for row in contacts if row["contact_id"] == contact["contact_id"] or row["email"] == contact["email"]]
        lead_id = hashlib.md5(f"email:{contact['email']}".encode()).hexdigest()
        if len(same) == 1 and contact["contact_id"] not in linked and lead_id in leads:
            moved_at = datetime(day.year, day.month, day.day) - timedelta(days=1)
            append(raw, "contacts", **{**contact, "email": MOVED, "updated_at": moved_at, "loaded_at": moved_at})
            return lead_id
    raise AssertionError("the case has no contact that stands alone")


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Six builds and a restatement of one case."""
    folder = tmp_path_factory.mktemp("history")
    case = cases.make_case(31, folder / "seeds", folder / "raw", score_models=4, leads=30)
    project = Project(folder / "project")
    project.replace_seeds(case.seeds_dir)
    for source in (project.folder / "models" / "staging").iterdir():
        if source.is_dir() and source.name not in ("config", "generic"):
            shutil.rmtree(source)
    life = Life(project, case.raw_dir)
    life.build("first", FIRST, "build", *HISTORY, "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    life.build("again", FIRST, "run", "--select", "fct_lead_scores", "int_scores_published")
    # The log is of a version in which segments had no memory: what it lacks is what it would have had.
    for column in ("held_segment", "held_reason", "entered_on"):
        life.project.execute(f"alter table state.int_scores_published drop column {column}")
    life.build("second", SECOND, "run", "--full-refresh", *SAME_DATA)
    life.mover = move_somebody(life.raw, SECOND, {lead_id for lead_id, _ in life.published["first"]})
    life.build("corrected", SECOND, "run", *HISTORY, *SAME_SEEDS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbt, "PROJECT", project.folder)
        patch.setattr(restating, "SCRATCH", project.folder / "target" / "restate")
        patch.setattr(restating, "DATES_AT_ONCE", 1)  # two dates are two runs
        patch.setenv("LEAD_SCORING_RAW", str(life.raw))
        restating.restate(project.database, [EARLIER, SECOND], variables=VARIABLES)
    life.restated = project.rows("select * from restated.lead_scores order by as_of_date, lead_id, score_model")
    life.build("question", EARLIER, "run", *SAME_DATA)
    life.asked = project.rows("select * from marts.fct_lead_scores order by lead_id, score_model")
    append(life.raw, "erasures", email=MOVED, requested_at=datetime(2026, 4, 1), loaded_at=datetime(2026, 4, 1))
    life.build("erased", cases.BASE_DATE, "run", *HISTORY, *SAME_SEEDS)
    return life


def test_the_first_publication_opens_the_log_on_its_own_date(life: Life) -> None:
    """Everybody is in it once, and nothing is told of the days before."""
    assert sorted(keys(life.log["first"])) == sorted(life.published["first"])
    assert {(entry["published_on"], entry["publication"], entry["is_gone"]) for entry in life.log["first"]} == {(FIRST, 1, False)}


def test_the_same_day_twice_appends_nothing(life: Life) -> None:
    assert life.published["again"] == life.published["first"]
    assert life.appended("again", before="first") == []


def test_changes_alone_are_appended_and_a_full_refresh_keeps_the_log(life: Life) -> None:
    """Days were skipped in between: what was published for them is what was published last."""
    changed = differences(life.published["first"], life.published["second"])
    assert 0 < len(changed) < len(life.published["second"])
    assert sorted(keys(life.appended("second", before="again"))) == sorted(changed)
    for days in range((SECOND - FIRST).days):
        assert on(FIRST + timedelta(days=days), life.stints["second"]) == life.published["first"]
    assert on(SECOND, life.stints["second"]) == life.published["second"]


def test_a_correction_of_a_date_is_appended_and_counts(life: Life) -> None:
    entries = life.appended("corrected", before="second")
    assert sorted(keys(entries)) == sorted(differences(life.published["second"], life.published["corrected"]))
    assert {(entry["published_on"], entry["publication"]) for entry in entries} == {(SECOND, 3)}
    assert on(SECOND, life.stints["corrected"]) == life.published["corrected"]
    assert on(FIRST, life.stints["corrected"]) == life.published["first"]
    starts = [(row["lead_id"], row["score_model"], row["valid_from"]) for row in life.stints["corrected"]]
    assert len(starts) == len(set(starts))


def test_the_stint_of_an_id_that_became_another_ends(life: Life) -> None:
    entries = [entry for entry in life.appended("corrected", before="second") if entry["lead_id"] == life.mover]
    assert [entry["is_gone"] for entry in entries] == [True] * 4
    stints = [row for row in life.stints["corrected"] if row["lead_id"] == life.mover]
    assert {row["score_model"]: row["valid_to"] for row in sorted(stints, key=lambda row: row["valid_from"])} == dict.fromkeys(
        {row["score_model"] for row in stints}, SECOND
    )


def test_an_earlier_date_is_a_question_and_is_not_published(life: Life) -> None:
    assert life.published["question"] != life.published["corrected"]
    assert life.appended("question", before="corrected") == []
    assert f"the scores for {EARLIER} did not go into the history, which has come to {SECOND}" in life.said["question"]
    assert "did not go into the history" not in life.said["corrected"]


def test_of_an_erased_lead_nothing_is_left_under_any_id(life: Life) -> None:
    new_id = hashlib.md5(f"email:{MOVED}".encode()).hexdigest()
    gone = {life.mover, new_id}
    assert gone <= {entry["lead_id"] for entry in life.log["corrected"]}
    left = [entry for entry in life.log["corrected"] if entry["lead_id"] not in gone]
    assert [entry for entry in life.log["erased"] if entry["published_on"] <= SECOND] == left
    for table in (
        "state.int_scores_published",
        "restated.lead_scores",
        "marts.fct_segment_membership",
        "marts.fct_segment_transitions",
    ):
        assert gone.isdisjoint(row["lead_id"] for row in life.project.rows(f"select distinct lead_id from {table}")), table
    assert new_id in {row["lead_id"] for row in life.restated}


def test_the_open_stints_are_what_is_published(life: Life) -> None:
    opened = [row for row in life.stints["erased"] if row["valid_to"] is None]
    assert on(cases.BASE_DATE, opened) == life.published["erased"]


def test_what_is_restated_is_what_a_build_for_the_date_gives(life: Life) -> None:
    """To the last digit, in every column that both have; and the scores of the build itself come out as they were published."""
    common = life.restated[0].keys() & life.asked[0].keys()
    assert common == life.restated[0].keys() - {"restated_on"}
    earlier = [row for row in life.restated if row["as_of_date"] == EARLIER]
    assert [{name: row[name] for name in common} for row in earlier] == [
        {name: row[name] for name in common} for row in life.asked
    ]
    assert {row["restated_on"] for row in life.restated} == {SECOND}
    assert {
        (row["lead_id"], row["score_model"]): (row["score"], row["grade"], row["segment"])
        for row in life.restated
        if row["as_of_date"] == SECOND
    } == life.published["corrected"]
    assert life.published["question"] == {
        (row["lead_id"], row["score_model"]): (row["score"], row["grade"], row["segment"]) for row in earlier
    }


def test_a_day_after_the_last_build_is_not_past(life: Life) -> None:
    with pytest.raises(errors.CommandError) as raised:
        restating.restate(life.project.database, [FIRST, cases.BASE_DATE + timedelta(days=1)])
    assert raised.value.exit_code == errors.WRONG_USAGE
    with pytest.raises(errors.CommandError) as raised:
        restating.restate(life.project.database, [FIRST], output=life.raw / "no such folder" / "scores.csv")
    assert raised.value.exit_code == errors.WRONG_USAGE


@pytest.fixture
def computed(life: Life, tmp_path: Path) -> tuple[Path, Path]:
    """A file as restate computes it, made of the published scores; and a copy of the database."""
    database, file = tmp_path / "lead_scoring.duckdb", tmp_path / "computed.duckdb"
    shutil.copy(life.project.database, database)
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"attach '{database}' as built (read_only)")
        connection.execute("create schema intermediate")
        connection.execute(
            "create table intermediate.int_lead_scores as select * from built.intermediate.int_lead_scores where days_before = 0"
        )
    return file, database


def test_a_file_in_place_of_the_table(computed: tuple[Path, Path], life: Life, tmp_path: Path) -> None:
    """It holds every lead, and the database is only read: the table of the restatement before still stands."""
    file, database = computed
    before = hashlib.md5(database.read_bytes()).hexdigest()
    restating.collect(file, database, [cases.BASE_DATE, EARLIER])
    rows = restating.keep(file, database, [cases.BASE_DATE, EARLIER], tmp_path / "scores.csv")
    with (tmp_path / "scores.csv").open(encoding="utf-8", newline="") as written:
        found = {
            (row["lead_id"], row["score_model"]): (int(row["score"]), row["grade"], row["segment"])
            for row in csv.DictReader(written)
        }
    assert found == life.published["erased"]
    assert hashlib.md5(database.read_bytes()).hexdigest() == before
    assert [(row["as_of_date"], row["leads"] > 0) for row in rows] == [(EARLIER, False)] * 4 + [(cases.BASE_DATE, True)] * 4
    assert {(row["published"] - row["leads"], row["other_score"], row["other_segment"]) for row in rows} == {(0, 0, 0)}


def test_what_comes_out_otherwise_is_not_kept(computed: tuple[Path, Path]) -> None:
    """One digit in one score is enough."""
    file, database = computed
    with duckdb.connect(str(file)) as connection:
        connection.execute("update intermediate.int_lead_scores set score_exact = score_exact + 0.000001 where rowid = 0")
    with pytest.raises(errors.CommandError, match="1 of the scores") as raised:
        restating.collect(file, database, [EARLIER])
    assert raised.value.exit_code == errors.AUDIT_FAILED
    with duckdb.connect(str(database), read_only=True) as connection:
        kept = connection.execute("select distinct as_of_date from restated.lead_scores order by 1").fetchall()
    assert kept == [(EARLIER,), (SECOND,)]
