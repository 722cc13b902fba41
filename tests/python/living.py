"""A small project that lives: files arrive, people ask to be forgotten, runs are started, and may be stopped by whatever a test thinks of."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb
from conftest import Copy, clean_environment
from lead_scoring import publishing

LEADS = 30
EVENTS_OF_A_FILE = 40
EVENT_TYPES = ("page_viewed", "form_submitted", "email_clicked", "quote_requested", "demo_requested", "email_unsubscribed")
COLUMNS = "event_id,event_type,occurred_at,loaded_at,email,anonymous_id,page_path\n"

# What tells of the run, by mart; of the history what an entry says of the moment of its publication: a run that was killed after it had published had a moment of its own.
OF_THE_RUN = {"fct_lead_scores": ["run_id"], "fct_lead_score_history": ["trend"], "fct_segment_membership": ["reason"]}


class Life:
    """A project with its raw folder, which may be that of another."""

    def __init__(self, copy: Copy, raw: Path) -> None:
        self.copy = copy
        self.raw = raw
        self.published = publishing.published_folder(copy.database)

    def start(self, day: date, **environment: str) -> subprocess.Popen[bytes]:
        """Start a run in a process group of its own."""
        command = [sys.executable, "scripts/lead_scoring", "build", "--no-tests", "--accept-guards", "--as-of-date", str(day)]
        return subprocess.Popen(
            command,
            cwd=self.copy.folder,
            env=clean_environment({"LEAD_SCORING_RAW": str(self.raw), **environment}),
            stdin=subprocess.DEVNULL,
            stdout=(self.copy.folder / "said.txt").open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def finish(self, day: date) -> None:
        """Run to the end."""
        code = self.start(day).wait(timeout=600)
        assert code == 0, self.said()

    def said(self) -> str:
        """What the last run said."""
        return (self.copy.folder / "said.txt").read_text(encoding="utf-8")

    def number(self) -> int:
        """The number of the version that readers see."""
        version = publishing.current(self.published)
        return version.number if version else 0

    def half_made(self) -> set[str]:
        """The versions that were begun and not ended; the next publication removes them."""
        return {path.name for path in (self.published / "versions").glob("*.making")}

    def state_after_kill(self, before: int, half_made_before: set[str]) -> str:
        """How far the run had come."""
        if self.number() > before:
            return "published"
        if self.half_made() - half_made_before:
            return "publishing"
        with opened_after_kill(self.copy.database) as connection:
            return "starting" if connection.execute("select count(*) from runs.complete").fetchall() == [(1,)] else "building"


def opened_after_kill(database: Path) -> duckdb.DuckDBPyConnection:
    """Open the file as soon as the system has ended the process that held it."""
    for _ in range(500):
        try:
            return duckdb.connect(str(database))
        except duckdb.IOException as error:
            if "lock" not in str(error):
                raise
            time.sleep(0.02)
    raise TimeoutError(f"{database} is still held")


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
            name: connection.execute(
                f"select columns(c -> c not in ({', '.join(map(repr, OF_THE_RUN.get(name, ['none'])))})) from marts.{name} order by all"
            ).fetchall()
            for (name,) in names
        }
        found["erasures"] = connection.execute("select sum(people) from publication.erasures").fetchall()
        return found
