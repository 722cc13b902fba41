"""What the raw layer does with files that are not as they should be: each row is read right, quarantined with its reason, or the file is refused by name.

The equation of every case: rows in = accepted + duplicates + quarantined. Cases of one format stand in one folder and are read in one run, so that one bad
file next to good ones is the normal case here. What is refused ends a run, so each refusal has a run of its own.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
import yaml
from building import Project

VARIABLES = {"as_of_date": "2026-03-10", "lead_scoring_sources": ["generic"]}
HEADER = "event_id,event_type,occurred_at,loaded_at,email,page_path,duration_seconds,amount\n"


def row(event_id: str, **columns: str) -> str:
    """A good line of a CSV file of events, with some columns otherwise; they stand there as given."""
    values = {
        "event_type": "page_viewed",
        "occurred_at": "2026-03-01 10:00:00",
        "loaded_at": "2026-03-01 11:00:00",
        "email": "ann@example.com",
        "page_path": "/",
        "duration_seconds": "",
        "amount": "",
        **columns,
    }
    return ",".join([event_id, *values.values()]) + "\n"


@dataclass
class Case:
    """A file, what of it is accepted and what is quarantined for which reason."""

    content: str | bytes
    accepted: list[str] = field(default_factory=list)
    quarantined: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0


@dataclass
class Told:
    """What became of the rows of one file."""

    accepted: list[str]
    quarantined: dict[str, int]
    duplicates: int


@dataclass
class Run:
    """What one run said: of each file, and all events, quarantined rows and conflicts."""

    files: dict[str, Told]
    events: dict[str, dict[str, Any]]
    quarantined: list[dict[str, Any]]
    conflicts: list[dict[str, Any]]
    standing: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with its seeds loaded."""
    project = Project(tmp_path_factory.mktemp("raw_files") / "project")
    empty = project.folder / "no_raw_data"
    empty.mkdir()
    assert project.dbt("seed", raw=empty, variables=VARIABLES).success
    return project


def write(folder: Path, cases: Mapping[str, Case], table: str = "events") -> Path:
    """The cases as files of one table; returns the raw folder."""
    (folder / "generic" / table).mkdir(parents=True)
    for name, case in cases.items():
        content = case.content.encode() if isinstance(case.content, str) else case.content
        (folder / "generic" / table / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return folder


def read(project: Project, raw: Path, *more: str) -> Run:
    """Run the models up to the accounting, and those named besides."""
    outcome = project.dbt(
        *(
            "run",
            "--select",
            "+int_events_deduplicated",
            "+rpt_source_rows",
            "+quarantine_events",
            "+quarantine_event_conflicts",
            *more,
        ),
        raw=raw,
        variables=VARIABLES,
    )
    assert outcome.success, (
        outcome.exception,
        [(result.node.name, result.message) for result in outcome.result or [] if str(result.status) == "error"],
    )
    duplicates = Counter(
        Path(found["raw_file"]).name
        for found in project.rows("select raw_file from intermediate.int_event_deliveries_ranked where delivery_rank > 1")
    )
    quarantined_rows = project.rows(
        "select raw_file, raw_row, raw_text, reason from quarantine.events order by raw_file, raw_row"
    )
    quarantined: dict[str, Counter[str]] = {}
    for found in quarantined_rows:
        quarantined.setdefault(Path(found["raw_file"]).name, Counter())[found["reason"]] += 1
    accepted: dict[str, list[str]] = {}
    for found in project.rows(
        "select event_rows.raw_file, event_rows.event_key from intermediate.int_events_classified as event_rows"
        " left join intermediate.int_event_deliveries_ranked as ranked on event_rows.raw_file = ranked.raw_file and event_rows.raw_row = ranked.raw_row"
        " where event_rows.rejection_reason is null and coalesce(ranked.delivery_rank, 1) = 1 order by event_rows.raw_file, event_rows.raw_row"
    ):
        accepted.setdefault(Path(found["raw_file"]).name, []).append(found["event_key"].removeprefix("generic:"))
    # The report counts the same rows.
    report = project.rows(
        "select outcome, sum(row_count) as row_count from marts.rpt_source_rows where raw_table = 'events' group by outcome"
    )
    assert {found["outcome"]: found["row_count"] for found in report if found["row_count"]} == {
        outcome: count
        for outcome, count in {
            "scored": sum(map(len, accepted.values())),
            "duplicate": sum(duplicates.values()),
            "quarantined": sum(sum(reasons.values()) for reasons in quarantined.values()),
        }.items()
        if count
    }
    names = [file.name for file in (raw / "generic" / "events").iterdir()]
    return Run(
        files={name: Told(accepted.get(name, []), dict(quarantined.get(name, {})), duplicates[name]) for name in names},
        events={found["event_id"]: found for found in project.rows("select * from staging.stg_generic__events")},
        quarantined=quarantined_rows,
        conflicts=project.rows("select event_key, raw_file from quarantine.event_conflicts"),
        standing={found["event_key"]: found for found in project.rows("select * from intermediate.int_events_deduplicated")},
    )


def check(case: Case, told: Told) -> None:
    """The case came out as it should."""
    assert told.accepted == case.accepted
    assert told.quarantined == case.quarantined
    assert told.duplicates == case.duplicates


# --------------------------------------------------------------------------------------------------------------------
# CSV
# --------------------------------------------------------------------------------------------------------------------

BAD_TIMES = (
    "03/04/2026",
    "2026-02-30 10:00:00",
    "infinity",
    "yesterday",
    "2026-03-01 25:00:00",
    "2026-03-01T10:00:00+2:00",
    "20260301",
    "1",
    "1772359200000000000",
)
GOOD_TIMES = {
    "2026-03-01": datetime(2026, 3, 1),
    "2026-03-01 3:15:52": datetime(2026, 3, 1, 3, 15, 52),
    "2026-03-01T10:00:00Z": datetime(2026, 3, 1, 10),
    "2026-03-01T10:00:00+02:00": datetime(2026, 3, 1, 8),
    "2026-03-01 10:00:00.250 UTC": datetime(2026, 3, 1, 10, 0, 0, 250000),
    "2026-02-28T23:30:00-0500": datetime(2026, 3, 1, 4, 30),
    " 2026-03-01 10:00 ": datetime(2026, 3, 1, 10),
    "1772359200": datetime(2026, 3, 1, 10),
    "1772359200000": datetime(2026, 3, 1, 10),
    "1772359200000000": datetime(2026, 3, 1, 10),
}
BAD_NUMBERS = ("NaN", "inf", "-Infinity", "1e400", "10 %", "0x10", "1_000", "1,5", "ten")
LONG = "x" * 3_000_000

CSV_CASES: dict[str, Case] = {
    "good.csv": Case(HEADER + row("good:1") + row("good:2"), ["good:1", "good:2"]),
    "long_and_short.csv": Case(
        HEADER + row("fields:1") + row("fields:2").replace("\n", ",more\n") + "fields:3,page_viewed\n" + row("fields:4"),
        ["fields:1", "fields:4"],
        {"unreadable_line: too many columns": 1, "unreadable_line: missing columns": 1},
    ),
    "all_long.csv": Case(
        HEADER + "".join(row(f"all:{i}").replace("\n", ",more\n") for i in range(3)), [], {"unreadable_line: too many columns": 3}
    ),
    "unterminated_quote.csv": Case(
        HEADER + row("quote:1") + "\n" + row("quote:2", email='"ann@example.com', page_path="/é") + "\n" + row("quote:3"),
        ["quote:1"],
        {"unreadable_line: unterminated quote": 2},
    ),
    # The next quote ends it, in the middle of a line: who can say which lines are rows? What lies between is kept as one.
    "quote_closed_late.csv": Case(
        HEADER
        + row("late:1")
        + row("late:2", email='"ann@example.com')
        + row("late:3")
        + row("late:4", email='"ann@example.com"')
        + row("late:5"),
        ["late:1", "late:5"],
        {"unreadable_line: unquoted value": 1},
    ),
    "stray_quote.csv": Case(
        HEADER + row("stray:1", page_path='"/a"b"') + row("stray:2", page_path='/a"b') + row("stray:3", page_path='"/a""b"'),
        ["stray:2", "stray:3"],
        {"unreadable_line: unquoted value": 1},
    ),
    "invalid_utf8.csv": Case(
        (HEADER + row("utf8:1")).encode()
        + row("utf8:2", page_path="/caf").encode().replace(b"/caf", b"/caf\xe9")
        + row("utf8:3", page_path="/café").encode(),
        ["utf8:1", "utf8:3"],
        {"unreadable_line: invalid encoding": 1},
    ),
    "byte_order_mark.csv": Case(b"\xef\xbb\xbf" + (HEADER + row("bom:1")).encode(), ["bom:1"]),
    "crlf.csv": Case((HEADER + row("crlf:1") + row("crlf:2")).replace("\n", "\r\n"), ["crlf:1", "crlf:2"]),
    "quoted_line_ends.csv": Case(
        HEADER
        + row("lines:1", page_path='"/a\n\n/b,""c"""')
        + row("lines:2", page_path='"/a\r\n/b"')
        + row("lines:3", page_path='"\n"'),
        ["lines:1", "lines:2", "lines:3"],
    ),
    "reordered.csv": Case(
        "loaded_at,email,event_type,occurred_at,event_id\n2026-03-01,a@x.org,page_viewed,2026-03-01,order:1\n", ["order:1"]
    ),
    "unknown_columns.csv": Case(
        "event_id,event_type,occurred_at,loaded_at,email,mood\nmore:1,page_viewed,2026-03-01,2026-03-01,a@x.org,good\n",
        ["more:1"],
    ),
    "odd_header.csv": Case(
        '"Event_ID", event_type ,OCCURRED_AT,"loaded_at",email\nodd:1,page_viewed,2026-03-01,2026-03-01,a@x.org\n', ["odd:1"]
    ),
    "header_only.csv": Case(HEADER),
    "no_line_end.csv": Case(HEADER + row("end:1").rstrip("\n"), ["end:1"]),
    "empty.csv": Case(""),
    "blank_lines.csv": Case(HEADER + "\n" + row("blank:1") + "\n\n" + row("blank:2") + "\n", ["blank:1", "blank:2"]),
    "packed.csv.gz": Case(
        HEADER + row("gzip:1") + row("gzip:2", page_path='"/a\n/b"') + "gzip:3\n",
        ["gzip:1", "gzip:2"],
        {"unreadable_line: missing columns": 1},
    ),
    "blanks.csv": Case(
        HEADER
        + row("blank:3", email="  ")
        + row(" ")
        + row("blank:4", event_type="")
        + row("blank:5", loaded_at="")
        + row("NULL", email="NULL"),
        ["NULL"],
        {"no_identity": 1, "missing_event_id": 1, "missing_event_type": 1, "missing_loaded_at": 1},
    ),
    "zeros.csv": Case(
        HEADER + row("00123") + row("123") + row("9007199254740993") + row("12345678901234567890123"),
        ["00123", "123", "9007199254740993", "12345678901234567890123"],
    ),
    "nul_byte.csv": Case(HEADER + row("nul:1", page_path="/a\0b"), ["nul:1"]),
    "long_line.csv": Case(
        HEADER + row("long:1", page_path=LONG) + row("long:2"), ["long:2"], {"unreadable_line: line size over maximum": 1}
    ),
    "bad_times.csv": Case(
        HEADER + "".join(row(f"time:{i}", occurred_at=text) for i, text in enumerate(BAD_TIMES)),
        [],
        {"unreadable_occurred_at": len(BAD_TIMES)},
    ),
    "good_times.csv": Case(
        HEADER + "".join(row(f"clock:{i}", occurred_at=text) for i, text in enumerate(GOOD_TIMES)),
        [f"clock:{i}" for i in range(len(GOOD_TIMES))],
    ),
    "other_times.csv": Case(
        HEADER
        + row("future:1", occurred_at="2026-03-02 11:00:00")
        + row("future:2", occurred_at="2026-03-02 11:00:01")
        + row("past:1", occurred_at="1969-12-31 23:59:59")
        + row("far:1", occurred_at="9999-12-31", loaded_at="9999-12-31")
        + row("two:1", occurred_at="never", loaded_at="never"),
        ["future:1", "far:1"],
        {"future_event": 1, "impossible_time": 1, "unreadable_occurred_at,loaded_at": 1},
    ),
    "numbers.csv": Case(
        HEADER
        + "".join(row(f"number:{i}", duration_seconds=f'"{text}"') for i, text in enumerate(BAD_NUMBERS))
        + row("number:a", duration_seconds="-5")
        + row("number:b", amount="1e12")
        + row("number:c", duration_seconds="1e9")
        + row("number:d", duration_seconds=" 1.5e3 ", amount="-10.25"),
        ["number:d"],
        {"unreadable_duration_seconds": len(BAD_NUMBERS), "negative_duration": 1, "impossible_number": 2},
    ),
    "same_1.csv": Case(HEADER + row("same:1") + row("same:1") + row("same:2"), ["same:1", "same:2"], {}, 1),
    "same_2.csv": Case(HEADER + row("same:2", page_path="/other", loaded_at="2026-03-01 12:00:00"), [], {}, 1),
    "odd 'name', [1].csv": Case(HEADER + row("name:1"), ["name:1"]),
    "words.csv": Case(
        HEADER
        + row("word:1", page_path="'; drop table leads; --")
        + row("word:2", page_path="{{ 1/0 }}")
        + row("word:3", event_type="page_viewd")
        + row("word:4", event_type=" Page_Viewed "),
        ["word:1", "word:2", "word:4"],
        {"unknown_event_type": 1},
    ),
}


@pytest.fixture(scope="module")
def csv_run(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All CSV cases, read at once."""
    return read(project, write(tmp_path_factory.mktemp("csv"), CSV_CASES))


@pytest.mark.parametrize("name", CSV_CASES)
def test_csv(csv_run: Run, name: str) -> None:
    """Each CSV file among the others."""
    check(CSV_CASES[name], csv_run.files[name])


def test_csv_values(csv_run: Run) -> None:
    """What was accepted has the value that was written."""
    events = csv_run.events
    assert {text: events[f"clock:{i}"]["occurred_at"] for i, text in enumerate(GOOD_TIMES)} == GOOD_TIMES
    assert events["lines:1"]["page_path"] == '/a\n\n/b,"c"'
    assert events["lines:2"]["page_path"] == "/a\r\n/b"
    assert events["lines:3"]["page_path"] is None
    assert events["stray:3"]["page_path"] == '/a"b'
    assert events["utf8:3"]["page_path"] == "/café"
    assert events["nul:1"]["page_path"] == "/a\0b"
    assert (events["number:d"]["duration_seconds"], events["number:d"]["amount"]) == (1500, -10.25)
    assert events["NULL"]["email"] == "NULL"
    assert [events[f"good:{i}"]["raw_row"] for i in (1, 2)] == [1, 2]
    # Which of two deliveries stands is no matter of the order of the files.
    assert csv_run.standing["generic:same:2"]["page_path"] == "/"
    assert [(found["event_key"], Path(found["raw_file"]).name) for found in csv_run.conflicts] == [
        ("generic:same:2", "same_2.csv")
    ]


def test_quarantine_keeps_the_text(csv_run: Run) -> None:
    """A person can see the line as it came, and where it stands."""

    def lines(name: str) -> list[tuple[int, str]]:
        return [(found["raw_row"], found["raw_text"] + "\n") for found in csv_run.quarantined if found["raw_file"].endswith(name)]

    assert lines("long_and_short.csv") == [(3, row("fields:2").replace("\n", ",more\n")), (4, "fields:3,page_viewed\n")]
    assert lines("unterminated_quote.csv") == [
        (4, row("quote:2", email='"ann@example.com', page_path="/é")),
        (6, row("quote:3")),
    ]
    ((number, text),) = lines("quote_closed_late.csv")
    assert number == 3
    assert all(f"late:{i}," in text for i in (2, 3, 4))


def test_big_csv_files_are_read_in_order(project: Project, tmp_path: Path) -> None:
    """A file that takes several buffers has its header in its first line, and text in quotes wherever a buffer ends."""
    count = 200_000
    lines = "".join(row(f"big:{i}", page_path=f'"/{i}\nbig:{i},page_viewed\n""{"x" * 40}"""') for i in range(1, count + 1))
    raw = write(tmp_path / "raw", {"big.csv": Case(HEADER + lines)})
    run = read(project, raw)
    check(Case("", [f"big:{i}" for i in range(1, count + 1)]), run.files["big.csv"])
    assert [found["raw_row"] for found in run.events.values() if found["event_id"] != f"big:{found['raw_row']}"] == []


def test_a_quote_that_swallows_much(project: Project, tmp_path: Path) -> None:
    """A quote that is never closed takes more with it than the reader can hold: the reader says nothing, we quarantine every line."""
    before, after = 300, 100_000
    lines = [
        row(f"much:{i}", email='"ann@example.com' if i == before + 1 else "ann@example.com") for i in range(1, before + after + 1)
    ]
    told = read(
        project, write(tmp_path / "raw", {"much.csv": Case(HEADER + "".join(lines)), "good.csv": CSV_CASES["good.csv"]})
    ).files
    check(Case("", [f"much:{i}" for i in range(1, before + 1)], {"unreadable_line: unterminated quote": after}), told["much.csv"])
    check(CSV_CASES["good.csv"], told["good.csv"])


# --------------------------------------------------------------------------------------------------------------------
# JSON lines
# --------------------------------------------------------------------------------------------------------------------


def line(event_id: Any, **columns: Any) -> str:
    """A good JSON line of an event, with some columns otherwise."""
    values = {
        "event_type": "page_viewed",
        "occurred_at": "2026-03-01T10:00:00Z",
        "loaded_at": 1772362800000,
        "email": "ann@example.com",
    }
    return json.dumps({"event_id": event_id, **values, **columns}) + "\n"


JSONL_CASES: dict[str, Case] = {
    "good.jsonl": Case(line("good:1") + line("good:2"), ["good:1", "good:2"]),
    "malformed.jsonl": Case(
        line("bad:1") + '{"event_id": "bad:2", "email": }\n' + line("bad:3"), ["bad:1", "bad:3"], {"unreadable_json": 1}
    ),
    "truncated.jsonl": Case(line("cut:1") + line("cut:2")[:40], ["cut:1"], {"unreadable_json": 1}),
    "no_objects.jsonl": Case('[1, 2]\n"text"\n7\nnull\n' + line("object:1"), ["object:1"], {"unreadable_json": 4}),
    "big_ids.jsonl": Case(
        line(9007199254740993) + line(9007199254740992) + line(12345678901234567890123) + line(1) + line("01"),
        ["9007199254740993", "9007199254740992", "12345678901234567890123", "1", "01"],
    ),
    "number_or_text.jsonl": Case(line(2) + line("2"), ["2"], {}, 1),
    "blank_lines.jsonl": Case("\n" + line("blank:1") + "\n\n" + line("blank:2") + "\n", ["blank:1", "blank:2"]),
    "crlf.jsonl": Case((line("crlf:1") + line("crlf:2")).replace("\n", "\r\n"), ["crlf:1", "crlf:2"]),
    "mixed_line_ends.jsonl": Case(
        line("mixed:1").replace("\n", "\r\n") + line("mixed:2") + line("mixed:3").replace("\n", "\r\n"),
        ["mixed:1", "mixed:2", "mixed:3"],
    ),
    "invalid_utf8.jsonl": Case(
        line("utf8:1").encode() + line("utf8:2").encode().replace(b"ann@", b"ann\xff@") + line("utf8:3").encode(),
        ["utf8:1", "utf8:3"],
        {"unreadable_line: invalid encoding": 1},
    ),
    "byte_order_mark.jsonl": Case(b"\xef\xbb\xbf" + line("bom:1").encode(), ["bom:1"]),
    "texts.jsonl": Case(
        line("text:1", page_path='/a,"b"\n\u00e9\U0001f600', properties={"plan": "pro", "seats": 3})
        + line("text:2", properties='{"plan": "free"}')
        + line("text:3", email=None),
        ["text:1", "text:2"],
        {"no_identity": 1},
    ),
    "values.jsonl": Case(
        line("value:1", duration_seconds=1.5, amount=10, event_version=2.0, is_deleted=False)
        + line("value:2", duration_seconds="long")
        + line("value:3", event_version=1.5)
        + line("value:4", is_deleted="perhaps")
        + line("value:5", event_version=3_000_000_000)
        + line("value:6", occurred_at="03/04/2026")
        + line("value:7", occurred_at=1772359200),
        ["value:1", "value:7"],
        {
            "unreadable_duration_seconds": 1,
            "unreadable_event_version": 2,
            "unreadable_is_deleted": 1,
            "unreadable_occurred_at": 1,
        },
    ),
    "sparse.jsonl": Case('{"event_id": "sparse:1"}\n{}\n', [], {"missing_event_type": 1, "missing_event_id": 1}),
    "empty.jsonl": Case(""),
    "packed.jsonl.gz": Case(line("gzip:1") + line("gzip:2"), ["gzip:1", "gzip:2"]),
    "nested.jsonl": Case(line("deep:1", properties=json.loads("[" * 400 + "]" * 400)), ["deep:1"]),
    "repeated_key.jsonl": Case(
        '{"event_id": "key:1", ' + line("key:2")[1:] + line("key:3"), ["key:3"], {"unreadable_json: repeated key": 1}
    ),
    "long_line.jsonl": Case(
        line("long:1", page_path=LONG) + line("long:2"), ["long:2"], {"unreadable_line: line size over maximum": 1}
    ),
}


@pytest.fixture(scope="module")
def jsonl_run(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All cases of JSON lines, read at once."""
    return read(project, write(tmp_path_factory.mktemp("jsonl"), JSONL_CASES))


@pytest.mark.parametrize("name", JSONL_CASES)
def test_jsonl(jsonl_run: Run, name: str) -> None:
    """Each file of JSON lines among the others."""
    check(JSONL_CASES[name], jsonl_run.files[name])


def test_jsonl_values(jsonl_run: Run) -> None:
    """What was accepted has the value that was written."""
    events = jsonl_run.events
    assert events["text:1"]["page_path"] == '/a,"b"\n\u00e9\U0001f600'
    assert json.loads(events["text:1"]["properties"]) == {"plan": "pro", "seats": 3}
    assert json.loads(events["text:2"]["properties"]) == {"plan": "free"}
    first = events["value:1"]
    assert (first["duration_seconds"], first["amount"], first["event_version"]) == (1.5, 10, 2)
    assert events["value:7"]["occurred_at"] == datetime(2026, 3, 1, 10)
    assert events["good:1"]["loaded_at"] == datetime(2026, 3, 1, 11)


# --------------------------------------------------------------------------------------------------------------------
# Parquet
# --------------------------------------------------------------------------------------------------------------------

AT = datetime(2026, 3, 1, 10)


def parquet(folder: Path, name: str, columns: Mapping[str, Any], rows: int) -> None:
    """A Parquet file of events; a column is a pyarrow array, or one value for all rows."""
    defaults = {"event_type": "page_viewed", "occurred_at": AT, "loaded_at": AT + timedelta(hours=1), "email": "ann@example.com"}
    arrays = {
        key: value
        if isinstance(value, (pyarrow.Array, pyarrow.ChunkedArray))
        else pyarrow.array(value if isinstance(value, list) else [value] * rows)
        for key, value in {**defaults, **columns}.items()
        if value is not None
    }
    folder.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.table(arrays), folder / name)


def test_parquet_texts_and_numbers(project: Project, tmp_path: Path) -> None:
    """Times as text or numbers, ids of several types, numbers that are none."""
    folder = tmp_path / "generic" / "events"
    times = [*GOOD_TIMES, *BAD_TIMES, "", None]
    parquet(folder, "times.parquet", {"event_id": [f"time:{i}" for i in range(len(times))], "occurred_at": times}, len(times))
    parquet(folder, "whole_ids.parquet", {"event_id": [9007199254740993, 2, 3], "occurred_at": "2026-03-01T10:00:00+02:00"}, 3)
    parquet(folder, "text_ids.parquet", {"event_id": ["2", "002"], "occurred_at": "2026-03-01T10:00:00+02:00"}, 2)
    parquet(folder, "double_ids.parquet", {"event_id": [5.0, 6.5, None], "occurred_at": "2026-03-01"}, 3)
    parquet(folder, "epoch.parquet", {"event_id": ["epoch:1", "epoch:2"], "occurred_at": [1772359200000, 1772359200]}, 2)
    parquet(
        folder,
        "numbers.parquet",
        {
            "event_id": [f"number:{i}" for i in range(6)],
            "occurred_at": "2026-03-01",
            "duration_seconds": [1.5, float("nan"), float("inf"), -1.0, None, 2.0],
            "amount": [None, None, None, None, 1e12, -10.25],
        },
        6,
    )
    parquet(
        folder,
        "versions.parquet",
        {"event_id": ["version:1", "version:2"], "occurred_at": "2026-03-01", "event_version": pyarrow.array([1, 3_000_000_000])},
        2,
    )
    parquet(
        folder,
        "bytes.parquet",
        {
            "event_id": ["bytes:1", "bytes:2"],
            "occurred_at": "2026-03-01",
            "page_path": pyarrow.array([b"/caf\xc3\xa9", b"/caf\xe9"]),
        },
        2,
    )
    parquet(
        folder,
        "empty.parquet",
        {"event_id": pyarrow.array([], pyarrow.string()), "occurred_at": pyarrow.array([], pyarrow.string())},
        0,
    )
    run = read(project, tmp_path)
    told, events = run.files, run.events
    good = [f"time:{i}" for i in range(len(GOOD_TIMES))]
    check(Case("", good, {"unreadable_occurred_at": len(BAD_TIMES), "missing_occurred_at": 2}), told["times.parquet"])
    # 2 as a number is 2 as a text, and not 002; of two equal deliveries one stands.
    assert sorted(told["whole_ids.parquet"].accepted + told["text_ids.parquet"].accepted) == ["002", "2", "3", "9007199254740993"]
    assert told["whole_ids.parquet"].duplicates + told["text_ids.parquet"].duplicates == 1
    check(Case("", ["epoch:1", "epoch:2"]), told["epoch.parquet"])
    check(Case("", ["number:0", "number:5"], {"impossible_number": 3, "negative_duration": 1}), told["numbers.parquet"])
    check(Case("", ["version:1"], {"unreadable_event_version": 1}), told["versions.parquet"])
    check(Case("", ["bytes:1"], {"unreadable_page_path": 1}), told["bytes.parquet"])
    check(Case(""), told["empty.parquet"])
    assert {text: events[f"time:{i}"]["occurred_at"] for i, text in enumerate(GOOD_TIMES)} == GOOD_TIMES
    assert events["epoch:1"]["occurred_at"] == events["epoch:2"]["occurred_at"] == AT
    assert events["2"]["occurred_at"] == datetime(2026, 3, 1, 8)
    assert events["bytes:1"]["page_path"] == "/café"


def test_parquet_times(project: Project, tmp_path: Path) -> None:
    """Times of every kind that Parquet has, and ids that a program without whole numbers beside nulls has written."""
    folder = tmp_path / "generic" / "events"
    berlin = timezone(timedelta(hours=2))
    parquet(
        folder,
        "zoned.parquet",
        {
            "event_id": "zoned",
            "occurred_at": pyarrow.array([AT.replace(tzinfo=berlin)], pyarrow.timestamp("us", tz="Europe/Berlin")),
        },
        1,
    )
    parquet(folder, "nanoseconds.parquet", {"event_id": "ns", "occurred_at": pyarrow.array([AT], pyarrow.timestamp("ns"))}, 1)
    parquet(folder, "seconds.parquet", {"event_id": "s", "occurred_at": pyarrow.array([AT], pyarrow.timestamp("s"))}, 1)
    parquet(folder, "dates.parquet", {"event_id": "date", "occurred_at": pyarrow.array([AT.date()], pyarrow.date32())}, 1)
    # Read together with doubles, this number would lose its last digit.
    parquet(folder, "doubles.parquet", {"event_id": [5.0, 6.5, None, 9007199254740992.0]}, 4)
    parquet(folder, "whole.parquet", {"event_id": [9007199254740993]}, 1)
    # The largest number of microseconds is infinity to the engine.
    infinite = pyarrow.array([9223372036854775807], pyarrow.int64()).cast(pyarrow.timestamp("us"))
    parquet(folder, "infinite.parquet", {"event_id": "infinite", "occurred_at": infinite}, 1)
    run = read(project, tmp_path)
    told, events = run.files, run.events
    for name in ("zoned", "nanoseconds", "seconds", "dates"):
        assert len(told[f"{name}.parquet"].accepted) == 1, name
    check(Case("", ["5", "6.5", "9007199254740992"], {"missing_event_id": 1}), told["doubles.parquet"])
    check(Case("", ["9007199254740993"]), told["whole.parquet"])
    check(Case("", [], {"unreadable_occurred_at": 1}), told["infinite.parquet"])
    assert [events[name]["occurred_at"] for name in ("zoned", "ns", "s", "date")] == [
        datetime(2026, 3, 1, 8),
        AT,
        AT,
        datetime(2026, 3, 1),
    ]


# --------------------------------------------------------------------------------------------------------------------
# What is missing, and what is refused
# --------------------------------------------------------------------------------------------------------------------


def attempt(project: Project, raw: Path) -> str | None:
    """Register the raw files; None when that worked, else the message."""
    outcome = project.dbt("run", "--select", "stg_generic__erasures", raw=raw, variables=VARIABLES)
    if outcome.success:
        return None
    return str(outcome.exception) + " ".join(str(result.message) for result in outcome.result or [])


def test_missing_tables_and_columns(project: Project, tmp_path: Path) -> None:
    """A table without files is an empty table, a missing optional column a typed null."""
    assert (
        attempt(
            project,
            write(
                tmp_path, {"events.csv": Case("event_id,event_type,occurred_at,loaded_at\n1,page_viewed,2026-03-01,2026-03-01\n")}
            ),
        )
        is None
    )
    assert "Notice: generic.events has no column page_path; it is null." in project.notices
    types = {found["column_name"]: found["column_type"] for found in project.rows("describe raw_generic.events")}
    assert (types["event_version"], types["amount"], types["page_path"], types["is_deleted"]) == (
        "INTEGER",
        "DOUBLE",
        "VARCHAR",
        "BOOLEAN",
    )
    assert project.rows("select event_version, amount, page_path from raw_generic.events") == [
        {"event_version": None, "amount": None, "page_path": None}
    ]
    assert project.rows("select count(*) as found from raw_generic.contacts") == [{"found": 0}]
    types = {found["column_name"]: found["column_type"] for found in project.rows("describe raw_generic.adjustments")}
    assert (types["points"], types["effective_on"]) == ("DECIMAL(10,4)", "DATE")


def test_linked_files_are_files(project: Project, tmp_path: Path) -> None:
    """A file that is a link is read, in the source's folder and in a table's."""
    whole = write(tmp_path / "whole", {"one.csv": Case(HEADER + row("1"))}) / "generic" / "events" / "one.csv"
    (tmp_path / "raw" / "generic" / "contacts").mkdir(parents=True)
    (tmp_path / "raw" / "generic" / "events.csv").symlink_to(whole)
    assert attempt(project, tmp_path / "raw") is None
    assert project.rows("select count(*) as found from raw_generic.events") == [{"found": 1}]
    (tmp_path / "raw" / "generic" / "events.csv").unlink()
    (tmp_path / "raw" / "generic" / "events").mkdir()
    (tmp_path / "raw" / "generic" / "events" / "part.csv").symlink_to(whole)
    assert attempt(project, tmp_path / "raw") is None
    assert project.rows("select count(*) as found from raw_generic.events") == [{"found": 1}]


def test_a_folder_that_is_not_there(project: Project, tmp_path: Path) -> None:
    """No raw data at all: every table is empty."""
    assert attempt(project, tmp_path / "nowhere") is None
    assert any("there is no file at all" in notice for notice in project.notices)
    assert project.rows("select count(*) as found from raw_generic.events") == [{"found": 0}]


def test_characters_of_every_length_in_a_csv_file(project: Project, tmp_path: Path) -> None:
    """What takes two, three or four bytes in UTF-8 is no reason to refuse a file, in its header, its rows or packed."""
    pages = ["/\u00c9t\u00e9", "/\u00df", "/a\u2013b", "/\u20ac", "/\u2019", "/\U0001f600", "/\u0080\u009f"]
    lines = "".join(row(str(number), page_path=page) for number, page in enumerate(pages))
    raw = write(tmp_path / "raw", {"plain.csv": Case(HEADER + lines), "packed.csv.gz": Case(HEADER + lines)})
    assert attempt(project, raw) is None
    found = project.rows("select page_path from raw_generic.events order by _raw_file, _raw_row")
    assert [row["page_path"] for row in found] == pages * 2


def test_a_column_named_again(project: Project, tmp_path: Path) -> None:
    """As connectors do write it: the first column of a name bears it, and nothing is lost."""
    raw = write(tmp_path / "raw", {"events.csv": Case(HEADER.replace("page_path", "email") + row("1", page_path="again@x.org"))})
    assert attempt(project, raw) is None
    (found,) = project.rows("select email, _raw_text from raw_generic.events")
    assert found["email"] != "again@x.org"
    assert json.loads(found["_raw_text"])["email_1"] == "again@x.org"


GOOD_LINES = "".join(row(f"ok:{i}") for i in range(200_000))
REFUSED: dict[str, tuple[str | bytes, str]] = {
    "no_time.csv": ("event_id,event_type,loaded_at,email\n1,page_viewed,2026-03-01,a@x.org\n", "required column occurred_at"),
    "no_time.jsonl": (
        json.dumps({"event_id": 1, "event_type": "page_viewed", "loaded_at": "2026-03-01"}),
        "required column occurred_at",
    ),
    "twice.csv": (HEADER.replace("page_path", "email").replace("amount", "email_1") + row("1"), "names a column twice"),
    "unnamed.csv": ("," + HEADER + "0," + row("1"), "does not name every column"),
    "late_header.csv": ("\n" + HEADER + row("1"), "no header"),
    "utf_16.csv": ((HEADER + row("1")).encode("utf-16"), "no header"),
    "latin_header.csv": (HEADER.replace("amount", "montant\u00e9").encode("latin-1") + row("1").encode(), "no header"),
    "mixed_line_ends.csv": (HEADER + row("1", amount="1").replace("\n", "\r\n") + row("2"), "invalid state"),
    "cut_off.csv.gz": (gzip.compress((HEADER + GOOD_LINES).encode())[:-5000], "cut off"),
    "no_gzip.csv.gz": (HEADER + row("1"), "GZIP"),
    "cut_off.parquet": (b"", "cut_off.parquet"),
    "empty.parquet": (b"", "empty.parquet"),
    "flipped.parquet": (b"", "flipped.parquet"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(project: Project, tmp_path: Path, name: str) -> None:
    """The run ends before the first model, and names the file."""
    content, reason = REFUSED[name]
    raw = write(tmp_path / "raw", {})
    file = raw / "generic" / "events" / name
    if name.endswith(".parquet"):
        parquet(file.parent, name, {"event_id": [str(i) for i in range(1000)]}, 1000)
        whole = file.read_bytes()
        file.write_bytes(
            {
                "cut_off.parquet": whole[: len(whole) // 2],
                "empty.parquet": b"",
                "flipped.parquet": whole[:-40] + bytes(b ^ 255 for b in whole[-40:]),
            }[name]
        )
    else:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    message = attempt(project, raw)
    assert message is not None
    assert name in message, message
    assert any(part in message for part in reason.split("|")), message


def test_two_formats_of_one_table(project: Project, tmp_path: Path) -> None:
    """Two formats of one table are two copies of it, or a mistake: nobody guesses."""
    raw = write(tmp_path / "raw", {"a.csv": Case(HEADER + row("1")), "b.jsonl": Case(line("2"))})
    message = attempt(project, raw) or "no message"
    assert all(part in message for part in ("several formats", "a.csv", "b.jsonl")), message


def test_a_backslash_before_a_quote_is_read_where_the_table_says_so(tmp_path: Path) -> None:
    """The same file twice: declared with `escape` each row is read, else the row with the backslash is rejected and the other one read."""
    project = Project(tmp_path / "project")
    columns = [{"name": name, "data_type": "string"} for name in ("id", "note")]
    rejected = [{"name": name} for name in ("raw_table", "raw_file", "raw_row", "raw_text", "rejection_reason")]
    tables = [
        {"name": "_rejected_lines", "columns": rejected},
        {"name": "escaped", "config": {"meta": {"escape": "\\"}}, "columns": columns},
        {"name": "doubled", "columns": columns},
    ]
    declared = {"version": 2, "sources": [{"name": "notes", "schema": "raw_notes", "tables": tables}]}
    (project.folder / "models" / "_notes__sources.yml").write_text(yaml.safe_dump(declared), encoding="utf-8")
    text = 'id,note\n1,"a \\"free\\", short note"\n2,"plain, too"\n'
    for table in ("escaped", "doubled"):
        file = tmp_path / "raw" / "notes" / f"{table}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    variables = {"lead_scoring_sources": ["notes"], "lead_scoring_staged": {"notes": []}}
    assert project.dbt("seed", "--select", "words", raw=tmp_path / "raw", variables=variables).success
    plain = {"id": "2", "note": "plain, too"}
    escaped = project.rows("select id, note from raw_notes.escaped order by id")
    assert escaped == [{"id": "1", "note": 'a "free", short note'}, plain]
    assert project.rows("select id, note from raw_notes.doubled") == [plain]
    assert project.rows("select raw_table, raw_row from raw_notes._rejected_lines") == [{"raw_table": "doubled", "raw_row": 2}]
