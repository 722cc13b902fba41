"""One click that two systems report counts once: the SQL against every pair of events, compared one by one in Python."""

from __future__ import annotations

import csv
import random
from collections import Counter
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import Project

SOURCES = ("hubspot", "generic")
"""The order of trust of the shipped row is replaced by this one."""
WINDOW_SECONDS = 90
START = datetime(2026, 2, 1, 12)
PEOPLE = 40


def reports(rng: random.Random) -> list[dict[str, object]]:
    """Forms of some people as two systems saw them: seconds apart, some at the very edge of the window, some by one system only."""
    rows: list[dict[str, object]] = []
    for person in range(PEOPLE):
        moment = START + timedelta(days=rng.randrange(20))
        for _ in range(rng.randrange(1, 6)):
            moment += timedelta(seconds=rng.choice([1, 30, WINDOW_SECONDS, WINDOW_SECONDS + 1, 5000]))
            for source in SOURCES:
                if rng.random() < 0.75:
                    apart = timedelta(seconds=rng.choice([0, 0, 3, WINDOW_SECONDS, -WINDOW_SECONDS, WINDOW_SECONDS + 1]))
                    rows.append({"id": f"{source}{len(rows)}", "source": source, "person": person, "at": moment + apart})
    return rows


def yields(row: dict[str, object], rows: list[dict[str, object]]) -> bool:
    """Whether the trusted source reported the same form."""
    return row["source"] == SOURCES[1] and any(
        other["source"] == SOURCES[0]
        and other["person"] == row["person"]
        and abs((other["at"] - row["at"]).total_seconds()) <= WINDOW_SECONDS
        for other in rows
    )


@pytest.fixture(scope="module")
def rows() -> list[dict[str, object]]:
    return reports(random.Random(11))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]) -> Project:
    """The project built on both systems' reports."""
    folder = tmp_path_factory.mktemp("both")
    raw = folder / "raw"
    (raw / "generic").mkdir(parents=True)
    (raw / "hubspot").mkdir()
    ours = [row for row in rows if row["source"] == "generic"]
    columns = {
        "event_id": [row["id"] for row in ours],
        "event_type": ["form_submitted" for _ in ours],
        "occurred_at": [row["at"] for row in ours],
        "loaded_at": [row["at"] for row in ours],
        "email": [f"p{row['person']}@twice.example" for row in ours],
    }
    pq.write_table(pa.table(columns), raw / "generic" / "events.parquet")
    tables = {
        "contact": (
            ["id", "property_email", "property_createdate", "_fivetran_synced"],
            [[person, f"p{person}@twice.example", START, START] for person in range(PEOPLE)],
        ),
        "contact_form_submission": (
            ["contact_id", "conversion_id", "timestamp", "_fivetran_synced"],
            [[row["person"], row["id"], row["at"], row["at"]] for row in rows if row["source"] == "hubspot"],
        ),
    }
    for table, (header, cells) in tables.items():
        with (raw / "hubspot" / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *cells])
    built = Project(folder / "project")
    rule = f"event_types,sources,window_seconds,note\nform_submitted,{'|'.join(SOURCES)},{WINDOW_SECONDS},\n"
    (built.folder / "seeds" / "cross_source_duplicates.csv").write_text(rule, encoding="utf-8")
    built.build(raw, {"as_of_date": "2026-03-10", "lead_scoring_sources": list(SOURCES)})
    return built


def test_what_the_trusted_source_reported_counts_once(project: Project, rows: list[dict[str, object]]) -> None:
    """Exactly the events that no trusted report stands for are counted."""
    expected = {str(row["id"]) for row in rows if not yields(row, rows)}
    assert 0 < len(expected) < len(rows)
    counted = {row["event_key"].split(":")[-1] for row in project.rows("select event_key from intermediate.int_events_counted")}
    assert counted == expected


def test_what_yields_is_told(project: Project, rows: list[dict[str, object]]) -> None:
    """The rows that yield are duplicates, with the name of the source that stands, and nothing is lost."""
    told = {
        (row["source"], row["outcome"], row["reason"]): row["row_count"]
        for row in project.rows("select * from marts.rpt_source_rows where raw_table in ('events', 'contact_form_submission')")
    }
    yielding = sum(yields(row, rows) for row in rows)
    by_source = Counter(str(row["source"]) for row in rows)
    assert told == {
        ("hubspot", "scored", None): by_source["hubspot"],
        ("generic", "duplicate", "reported_by_hubspot"): yielding,
        ("generic", "scored", None): by_source["generic"] - yielding,
    }
