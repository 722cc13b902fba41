"""Killed at any moment: readers never see half a version, and the next run ends as if nobody had been killed.

A project lives through runs that are killed with SIGKILL, dbt and all, at random moments of building and publishing, while two readers query without a rest. Between
the kills files arrive, people ask to be forgotten and days go by. Now and then a run is left to finish; a second project, never killed, runs only then, and both publish
the same. LEAD_SCORING_KILLS says how many kills there are; a few more follow where none yet fell into building or into publishing.
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

import pytest
from conftest import copy_project
from living import Life, arrive, ask_to_be_forgotten, marts

KILLS = int(os.environ.get("LEAD_SCORING_KILLS", "8"))
KILLS_BETWEEN_DAYS = max(1, min(10, KILLS // 2))
PHASES = {"building", "publishing"}
"""Where kills must have fallen."""

READERS = 2
SEED = 20260310
FIRST_DAY = date(2026, 3, 1)
LATE_SECONDS = 3
"""From the first file of a version to the end of a run it takes less."""

ENDED = "ended"
"""A run that was quicker than its kill; it does not count as one."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


@pytest.fixture
def lives(tmp_path: Path) -> tuple[Life, Life]:
    raw = tmp_path / "raw"
    arrive(raw, 0, FIRST_DAY, random.Random(SEED))
    return Life(copy_project(tmp_path / "killed"), raw), Life(copy_project(tmp_path / "never_killed"), raw)


def kill_somewhere(life: Life, day: date, chance: random.Random, seconds: float, is_late: bool) -> str:
    """Start a run and kill it: anywhere, or from when on it publishes. Says how far it had come; ``ended`` when it was quicker."""
    before, half_made = life.number(), life.half_made()
    run = life.start(day)
    if is_late:
        while run.poll() is None and not life.half_made() - half_made:
            time.sleep(0.002)
        time.sleep(chance.random() * chance.random() * LATE_SECONDS)
    else:
        time.sleep(chance.random() * seconds)
    os.killpg(run.pid, signal.SIGKILL)
    if run.wait() != -signal.SIGKILL:
        assert run.returncode == 0, life.said()
        return ENDED
    return life.state_after_kill(before, half_made)


def test_killed_at_any_moment(lives: tuple[Life, Life], tmp_path: Path, record_property: pytest.RecordProperty) -> None:
    killed, never_killed = lives
    chance = random.Random(SEED)
    day = FIRST_DAY
    never_killed.finish(day)
    began = time.monotonic()
    killed.finish(day)
    seconds = time.monotonic() - began
    results = [tmp_path / f"reader_{number}.json" for number in range(READERS)]
    reading = Path(__file__).with_name("reading.py")
    readers = [subprocess.Popen([sys.executable, str(reading), str(killed.published), str(result)]) for result in results]
    phases: Counter[str] = Counter()
    try:
        number = 0
        while number < KILLS or (not set(phases) >= PHASES and number < 3 * KILLS):
            number += 1
            arrive(killed.raw, number, day, chance)
            if number % 5 == 0:
                ask_to_be_forgotten(killed.raw, number, day)
            while (phase := kill_somewhere(killed, day, chance, seconds, is_late=number % 3 == 0)) == ENDED:
                pass
            phases[phase] += 1
            if number % KILLS_BETWEEN_DAYS == 0 or number >= KILLS:
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
    versions = max(len(reader["versions"]) for reader in told)
    reads = sum(reader["reads"] for reader in told)
    record_property("tried", f"kills: {number} ({dict(phases)}), {reads:,} reads by {READERS} readers, {versions} versions")
    assert [reader["wrong"] for reader in told] == [[]] * READERS
    assert all(reader["reads"] > KILLS and len(reader["versions"]) > 1 for reader in told)
    assert set(phases) >= PHASES, phases
