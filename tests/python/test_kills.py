"""Killed at any moment: readers never see half a version, and the next run ends as if nobody had been killed.

A project lives through runs that are killed with SIGKILL, dbt and all, at random moments of building and publishing, while two readers query without a rest. Between
the kills files arrive, people ask to be forgotten and days go by. Now and then a run is left to finish; a second project, never killed, runs only then, and both publish
the same. LEAD_SCORING_KILLS says how many kills there are.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from conftest import Copy, clean_environment, copy_project
from lead_scoring import publishing

KILLS = int(os.environ.get("LEAD_SCORING_KILLS", "20"))
KILLS_BETWEEN_DAYS = 10
READERS = 2
SEED = 20260310
FIRST_DAY = date(2026, 3, 1)
LEADS = 30
EVENTS_OF_A_FILE = 40
EVENT_TYPES = ("page_viewed", "form_submitted", "email_clicked", "quote_requested", "demo_requested", "email_unsubscribed")
COLUMNS = "event_id,event_type,occurred_at,loaded_at,email,anonymous_id,page_path\n"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


class Life:
    """A project with its raw folder, which may be that of another."""

    def __init__(self, copy: Copy, raw: Path) -> None:
        self.copy = copy
        self.raw = raw
        self.published = publishing.published_folder(copy.database)

    def start(self, day: date) -> subprocess.Popen[bytes]:
        """Start a run in a process group of its own."""
        command = [sys.executable, "scripts/lead_scoring", "build", "--no-tests", "--accept-guards", "--as-of-date", str(day)]
        return subprocess.Popen(
            command,
            cwd=self.copy.folder,
            env=clean_environment({"LEAD_SCORING_RAW": str(self.raw)}),
            stdin=subprocess.DEVNULL,
            stdout=(self.copy.folder / "said.txt").open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def finish(self, day: date) -> None:
        """Run to the end."""
        code = self.start(day).wait(timeout=600)
        assert code == 0, (self.copy.folder / "said.txt").read_text(encoding="utf-8")

    def number(self) -> int:
        """The number of the version that readers see."""
        version = publishing.current(self.published)
        return version.number if version else 0

    def state_after_kill(self, before: int) -> str:
        """How far the run had come."""
        if self.number() > before:
            return "published"
        if list((self.published / "versions").glob("*.making")):
            return "publishing"
        with duckdb.connect(str(self.copy.database)) as connection:
            return "starting" if connection.execute("select count(*) from runs.complete").fetchall() == [(1,)] else "building"


def arrive(raw: Path, number: int, day: date, chance: random.Random) -> None:
    """A file of events, some of which came before."""
    lines = []
    for _ in range(EVENTS_OF_A_FILE):
        event, lead = chance.randrange(10_000), chance.randrange(LEADS)
        at = day - timedelta(days=chance.randrange(20))
        who = f"lead{lead}@example.com" if chance.random() < 0.7 else ""
        lines.append(
            f"{event},{chance.choice(EVENT_TYPES)},{at} 10:{event % 60:02d}:00,{day} 11:00:00,{who},browser{lead},/{chance.choice(['pricing', 'blog', 'careers'])}\n"
        )
    folder = raw / "generic" / "events"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number:04d}.csv").write_text(COLUMNS + "".join(lines), encoding="utf-8")


def ask_to_be_forgotten(raw: Path, number: int, day: date) -> None:
    """A request of somebody who was there."""
    folder = raw / "generic" / "erasures"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number:04d}.csv").write_text(
        f"email,requested_at,loaded_at\nlead{number % LEADS}@example.com,{day} 00:00:00,{day} 00:00:00\n", encoding="utf-8"
    )


def marts(published: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that is published, without what tells of the run."""
    with publishing.connect(published) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
        ).fetchall()
        found = {
            name: connection.execute(f"select columns(c -> c <> 'run_id') from marts.{name} order by all").fetchall()
            for (name,) in names
        }
        found["erasures"] = connection.execute("select sum(people) from publication.erasures").fetchall()
        return found


@pytest.fixture
def lives(tmp_path: Path) -> tuple[Life, Life]:
    raw = tmp_path / "raw"
    arrive(raw, 0, FIRST_DAY, random.Random(SEED))
    return Life(copy_project(tmp_path / "killed"), raw), Life(copy_project(tmp_path / "never_killed"), raw)


def kill_somewhere(life: Life, day: date, chance: random.Random, seconds: float, is_late: bool) -> str:
    """Start a run and kill it: anywhere, or from when on it publishes. Says how far it had come."""
    before = life.number()
    run = life.start(day)
    if is_late:
        while run.poll() is None and not list((life.published / "versions").glob("*.making")):
            time.sleep(0.002)
        time.sleep(chance.random() * chance.random() * 3)
    else:
        time.sleep(chance.random() * seconds)
    try:
        os.killpg(run.pid, signal.SIGKILL)
    except ProcessLookupError:
        assert run.wait() == 0
        return "ended before"
    run.wait()
    return life.state_after_kill(before)


def test_killed_at_any_moment(lives: tuple[Life, Life], tmp_path: Path, record_property: pytest.RecordProperty) -> None:
    killed, never_killed = lives
    chance = random.Random(SEED)
    day = FIRST_DAY
    killed.finish(day)
    never_killed.finish(day)
    results = [tmp_path / f"reader_{number}.json" for number in range(READERS)]
    reading = Path(__file__).with_name("reading.py")
    readers = [subprocess.Popen([sys.executable, str(reading), str(killed.published), str(result)]) for result in results]
    phases: Counter[str] = Counter()
    try:
        seconds = 10.0
        for number in range(1, KILLS + 1):
            arrive(killed.raw, number, day, chance)
            if number % 5 == 0:
                ask_to_be_forgotten(killed.raw, number, day)
            phases[kill_somewhere(killed, day, chance, seconds, is_late=number % 3 == 0)] += 1
            if number % KILLS_BETWEEN_DAYS == 0 or number == KILLS:
                began = time.monotonic()
                killed.finish(day)
                seconds = time.monotonic() - began
                never_killed.finish(day)
                found, expected = marts(killed.published), marts(never_killed.published)
                for name, rows in expected.items():
                    assert found[name] == rows, f"after {number} kills: {name}"
                day += timedelta(days=1)
        for reader in readers:
            assert reader.poll() is None, "a reader died"
    finally:
        for result in results:
            result.with_name(f"{result.name}.stop").touch()
        for reader in readers:
            reader.wait(timeout=60)
    told = [json.loads(result.read_text(encoding="utf-8")) for result in results]
    record_property("kills", dict(phases))
    record_property("reads", sum(reader["reads"] for reader in told))
    record_property("versions_seen", max(len(reader["versions"]) for reader in told))
    assert [reader["wrong"] for reader in told] == [[]] * READERS
    assert all(reader["reads"] > KILLS and len(reader["versions"]) > 1 for reader in told)
    assert {"building", "publishing"} <= set(phases) or KILLS < 10, phases
