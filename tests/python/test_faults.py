"""What a machine does to a run: the disk is full, memory is short, a file vanishes or is half written, bytes turn. A clear error, the last version stands, and the next
run ends as if nothing had been. LEAD_SCORING_FAULTS=full tries more of each.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from building import Project, environment
from conftest import Copy, copy_project
from lead_scoring import publishing
from lead_scoring.errors import DATA_WRONG, OUT_OF_RESOURCES
from living import Life, arrive, ask_to_be_forgotten, marts

DAY = date(2026, 3, 1)
IS_FULL = os.environ.get("LEAD_SCORING_FAULTS") == "full"
MEGABYTES_FREE = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24) if IS_FULL else (0, 12)
BYTES_TURNED = 60 if IS_FULL else 8
ROOM = 400

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the faults are those of Unix")


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """A project to which nothing happens, after its second run."""
    folder = tmp_path_factory.mktemp("reference")
    life = Life(copy_project(folder / "project"), folder / "raw")
    for number in range(2):
        arrive(life.raw, number, DAY, random.Random(number))
        if number:
            ask_to_be_forgotten(life.raw, number, DAY)
        life.finish(DAY)
    return life


def resize(disk: Path, megabytes: int) -> None:
    """Change the room of a small disk."""
    subprocess.run(["mount", "-o", f"remount,size={megabytes * 1024 * 1024 or 4096}", str(disk)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk in memory, whose room a test may take away; the test is skipped, and says so, where nobody may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM}m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def lay_first(life: Life) -> None:
    """The files of the first run."""
    arrive(life.raw, 0, DAY, random.Random(0))


def lay_second(life: Life) -> None:
    """The files of the second run, in which somebody asks to be forgotten, too."""
    arrive(life.raw, 1, DAY, random.Random(1))
    ask_to_be_forgotten(life.raw, 1, DAY)


def assert_as_if_nothing_had_been(life: Life, reference: Life) -> None:
    """The same is published as in the project to which nothing happened."""
    found, expected = marts(life.published), marts(reference.published)
    for name, rows in expected.items():
        assert found[name] == rows, name


def test_a_full_disk(disk: Path, tmp_path: Path, reference: Life, record_property: pytest.RecordProperty) -> None:
    """At whatever step the room ends, readers keep their version, the message speaks of the disk, and with room again the run ends well."""
    life = Life(copy_project(tmp_path / "project"), tmp_path / "raw")
    lay_first(life)
    places = {"LEAD_SCORING_DB": str(disk / "lead_scoring.duckdb")}
    assert life.start(DAY, **places).wait(timeout=600) == 0, life.said()
    published = publishing.published_folder(disk / "lead_scoring.duckdb")
    lay_second(life)
    kept = tmp_path / "kept"
    shutil.copytree(disk, kept, symlinks=True)
    failures = 0
    for megabytes in MEGABYTES_FREE:
        shutil.rmtree(disk / "lead_scoring_published")
        for path in kept.iterdir():
            if path.is_dir():
                shutil.copytree(path, disk / path.name, symlinks=True)
            else:
                shutil.copy(path, disk / path.name)
        before = marts(published)
        used = sum(path.stat().st_size for path in disk.rglob("*") if path.is_file() and not path.is_symlink())
        resize(disk, used // 1024 // 1024 + 1 + megabytes)
        code = life.start(DAY, **places).wait(timeout=600)
        resize(disk, ROOM)
        if code:
            failures += 1
            said = life.said()
            assert code == OUT_OF_RESOURCES, f"{megabytes} MB free: {said}"
            assert "The disk is full" in said or "not enough memory or temporary disk space" in said
            # Either nothing new was published, or only what comes after it had no room.
            assert marts(published) in (before, marts(reference.published)), f"{megabytes} MB free"
            assert life.start(DAY, **places).wait(timeout=600) == 0, life.said()
        life.published = published
        assert_as_if_nothing_had_been(life, reference)
    assert failures, "there was always room"
    record_property("tried", f"disks: {len(MEGABYTES_FREE)} sizes, {failures} of them too small")


def test_too_little_memory(tmp_path: Path, reference: Life) -> None:
    life = Life(copy_project(tmp_path / "project"), tmp_path / "raw")
    lay_first(life)
    life.finish(DAY)
    before = marts(life.published)
    lay_second(life)
    assert life.start(DAY, LEAD_SCORING_MEMORY="3MB").wait(timeout=600) == OUT_OF_RESOURCES
    assert "LEAD_SCORING_MEMORY" in life.said()
    assert marts(life.published) == before
    life.finish(DAY)
    assert_as_if_nothing_had_been(life, reference)


def test_half_a_parquet_file(tmp_path: Path) -> None:
    """A file that is still being written ends the run by its name; when it is whole it is read."""
    life = Life(copy_project(tmp_path / "project"), tmp_path / "raw")
    contacts = life.raw / "generic" / "contacts.parquet"
    lay_first(life)
    duckdb.execute(
        "copy (select 'c' || i as contact_id, 'lead' || i || '@example.com' as email, timestamp '2026-03-01' as loaded_at, timestamp '2026-02-01' as created_at,"
        f" timestamp '2026-02-01' as updated_at, 'CTO' as job_title from range(20) as t(i)) to '{contacts}' (format parquet)"
    )
    life.finish(DAY)
    before = marts(life.published)
    content = contacts.read_bytes()
    contacts.write_bytes(content[: len(content) // 2])
    assert life.start(DAY).wait(timeout=600) == DATA_WRONG
    assert "contacts.parquet" in life.said()
    assert marts(life.published) == before
    contacts.write_bytes(content)
    life.finish(DAY)
    assert marts(life.published) == before


def test_a_file_that_vanishes_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was there when the run looked for files and is gone when a model reads them: the run ends by its name, and the next one does without the file."""
    from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper

    raw = tmp_path / "raw"
    whole, half = Project(tmp_path / "whole"), Project(tmp_path / "half")
    for number in range(2):
        file = raw / "generic" / "events" / f"{number}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        duckdb.execute(
            f"copy (select '{number}-' || i as event_id, 'page_viewed' as event_type, timestamp '2026-02-01 10:00:00' as occurred_at, timestamp '2026-02-01 11:00:00' as loaded_at,"
            f" 'lead' || i || '@example.com' as email from range(20) as t(i)) to '{file}' (format parquet)"
        )
    variables = {"as_of_date": str(DAY)}
    whole.build(raw, variables)
    execute = DuckDBCursorWrapper.execute

    def vanishing(self: Any, sql: str, bindings: Any = None) -> Any:
        if "int_events_classified" in sql and ("insert into" in sql or "create" in sql):
            file.unlink(missing_ok=True)
        return execute(self, sql, bindings)

    monkeypatch.setattr(DuckDBCursorWrapper, "execute", vanishing)
    with environment(LEAD_SCORING_AWAITS_PUBLICATION="yes"), pytest.raises(AssertionError, match=r"1\.parquet"):
        whole.build(raw, variables)
    monkeypatch.setattr(DuckDBCursorWrapper, "execute", execute)
    assert not file.exists()
    with pytest.raises(publishing.CommandError, match="holds no whole run"):
        publishing.publish(whole.database)
    whole.build(raw, variables)
    half.build(raw, variables)
    scores = "select lead_id, score_exact from marts.fct_lead_scores order by all"
    assert whole.rows(scores) == half.rows(scores)
    assert len(half.rows(scores)) == 20


def test_turned_bytes_are_never_published(demo: Copy, tmp_path: Path, record_property: pytest.RecordProperty) -> None:
    """A byte of the database that the disk gave back wrongly: a clear error or the right numbers, never wrong ones."""
    chance = random.Random(1)
    database = tmp_path / "lead_scoring.duckdb"
    published = publishing.published_folder(database)
    content = demo.database.read_bytes()
    expected = marts(publishing.published_folder(demo.database))
    refused = 0
    for _ in range(BYTES_TURNED):
        turned = bytearray(content)
        # Only what is read can be wrong: the header, and the tables of the marts somewhere in the file.
        turned[chance.choice([chance.randrange(12_288), chance.randrange(len(content))])] ^= 1 << chance.randrange(8)
        database.write_bytes(turned)
        said = subprocess.run(
            [sys.executable, str(demo.folder / "scripts" / "lead_scoring"), "publish"],
            env={**os.environ, "LEAD_SCORING_DB": str(database)},
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip
        if said.returncode:
            refused += 1
            assert said.returncode == DATA_WRONG, said.stdout + said.stderr
            assert "lead_scoring.duckdb" in said.stderr
            assert "Traceback" not in said.stderr
        else:
            found = marts(published)
            assert {name: found[name] for name in expected if name != "erasures"} == {
                name: rows for name, rows in expected.items() if name != "erasures"
            }
    assert refused
    record_property("tried", f"turned bits: {BYTES_TURNED}, {refused} of them refused")
