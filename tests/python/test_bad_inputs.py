"""Bad inputs, malformed, hostile and absurd: each ends as `bad_inputs.csv` says, none of them without a word.

The table has a row for each input and says where it is tried: in the tests of its subject where these try it already, else here. What is tried here stands in as few
folders as there are formats, since a bad file next to good ones is the normal case, and in one build that scores.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import oracle
import pyarrow
import pytest
from building import Project
from test_raw_files import HEADER, VARIABLES, Run, attempt, line, parquet, read, row

TABLE = Path(__file__).with_name("bad_inputs.csv")
NOT_TRIED = "not tried"
HOSTILE = (
    "'; drop table leads; --",
    "{{ 1/0 }}",
    "{% raw %}",
    "${HOME}",
    "../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "\\x00\\u0000",
)


class Listed(NamedTuple):
    """A row of the table."""

    id: str
    group: str
    input: str
    tried_in: str
    expected: str


def listed() -> list[Listed]:
    """The table of bad inputs."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [Listed(**found) for found in csv.DictReader(file)]


@dataclass
class Input:
    """A file of events, how many rows it has, and which of them are accepted or quarantined."""

    content: str | bytes
    rows: int
    accepted: list[str] = field(default_factory=list)
    quarantined: dict[str, int] = field(default_factory=dict)
    name: str = ""


# --------------------------------------------------------------------------------------------------------------------
# CSV
# --------------------------------------------------------------------------------------------------------------------

EXTRA = [f"c{number}" for number in range(1_000)]
WRONG = {
    "event_version": "two",
    "is_deleted": "perhaps",
    "duration_seconds": "long",
    "amount": "{}",
    "occurred_at": "46082",
    "loaded_at": "[]",
}
"""For each column that is no text something of another type."""

YEARS = {
    "1900-01-01": "impossible_time",
    "0001-01-01": "impossible_time",
    "0000-01-01": "impossible_time",
    "9999-12-31T23:59:59-05:00": "impossible_time",
    "10000-01-01": "unreadable_occurred_at,loaded_at",
    "-2026-01-01": "unreadable_occurred_at,loaded_at",
    "9999-12-31": None,
}
BAD_CLOCKS = (
    *("2026-03-01 23:59:60", "2026-03-01T23:59:60Z", "2026-03-01 10:60", "2026-03-01 24:30:00"),
    *("2026-03-01T10:00:00+99:00", "2026-03-01T10:00:00+14:30", "2026-03-01T10:00:00+01:60", "2026-03-01T10:00:00-24:00"),
    *("2026-03-01T10:00:00 Europe/Berlin", "-1772359200", "0", "########", "#REF!"),
)
GOOD_CLOCKS = {
    "2026-03-01T10:00:00+14:00": datetime(2026, 2, 28, 20),
    "2026-02-28T22:00:00-12:00": datetime(2026, 3, 1, 10),
    "2026-03-01T15:45:00+0545": datetime(2026, 3, 1, 10),
    "2026-03-01 24:00:00": datetime(2026, 3, 2),
    # No clock of Berlin shows it, and in autumn one shows the same twice; a time without an offset is UTC, and an offset is obeyed.
    "2025-03-30 02:30:00": datetime(2025, 3, 30, 2, 30),
    "2025-10-26T02:30:00+02:00": datetime(2025, 10, 26, 0, 30),
    "2025-10-26T02:30:00+01:00": datetime(2025, 10, 26, 1, 30),
}
AHEAD = {"1 second": 1, "4 minutes": 240, "6 minutes": 360, "1 day": 86_400, "1 year": 31_536_000}
LOOKALIKES = ("ann@example.com", "аnn@example.com", "ann@exаmple.com", "ａnn@example.com", "aηn@example.com", "an​n@example.com")
"""Ann; a Cyrillic letter in her name and in her domain; a wide letter; a Greek one; and a space without width in the middle."""

EMAILS = {
    "ann@mail.example": "ann@mail.example",
    "ANN@Mail.Example": "ann@mail.example",
    "  ann@mail.example  ": "ann@mail.example",
    "\u00a0ann@mail.example\u00a0": "ann@mail.example",
    "\u200bann@mail.example\ufeff": "ann@mail.example",
    "ann@mail.example\n": "ann@mail.example",
    "\tann@mail.example\r\n": "ann@mail.example",
    "\u3000ann@mail.example\u2003": "ann@mail.example",
    "rene\u0301@mail.example": "ren\u00e9@mail.example",
    "REN\u00c9@mail.example": "ren\u00e9@mail.example",
    "AL\u0130CE@mail.example": "alice@mail.example",
    "al\u0131ce@mail.example": "al\u0131ce@mail.example",
    "\uff41nn@mail.example": "\uff41nn@mail.example",
    "ann@b\u00fccher.example": "ann@b\u00fccher.example",
    "ann@xn--bcher-kva.example": "ann@xn--bcher-kva.example",
    "ann+tag@mail.example": "ann+tag@mail.example",
    "a.n.n@gmail.com": "a.n.n@gmail.com",
    "<Ann@mail.example>": "<ann@mail.example>",
    "Ann@mail.example;bob@mail.example": "Ann@mail.example;bob@mail.example",
    "No At": "No At",
    " No At ": " No At ",
    "Ann@@mail.example": "Ann@@mail.example",
    "O'Brien@mail.example": "o'brien@mail.example",
    "stra\u00dfe@mail.example": "stra\u00dfe@mail.example",
    "\u03a3\u03c2@mail.example": "\u03c3\u03c2@mail.example",
    f"{'Long' * 75}@mail.example": f"{'long' * 75}@mail.example",
    "@": "@",
    "\u200b": "\u200b",
}
"""Spellings of addresses and their one normal form; what has not exactly one @ stays as it came."""

TEXTS = (
    *("contact_id", "anonymous_id", "session_id", "page_path", "page_title", "referrer", "email_id", "link_url"),
    *("asset", "campaign", "utm_source", "utm_medium", "utm_campaign", "properties"),
)


def records(rows: list[dict[str, str]]) -> str:
    """A CSV file of rows, each column named by some row."""
    names = list(dict.fromkeys(name for each in rows for name in each))
    lines = [",".join(f'"{each.get(name, "").replace(chr(34), chr(34) * 2)}"' for name in names) for each in rows]
    return "\n".join([",".join(names), *lines]) + "\n"


def good(event_id: str, **columns: str) -> dict[str, str]:
    """A good event, with some columns otherwise."""
    return {
        "event_id": event_id,
        "event_type": "page_viewed",
        "occurred_at": "2026-03-01 10:00:00",
        "loaded_at": "2026-03-01 11:00:00",
        "email": "ann@example.com",
        **columns,
    }


def later(seconds: int) -> str:
    """So long after the rows were loaded."""
    return str(datetime(2026, 3, 1, 11) + timedelta(seconds=seconds))


CSV_INPUTS: dict[str, Input] = {
    "thousand_columns": Input(
        f"{HEADER.strip()},{','.join(EXTRA)}\n{row('wide:1').strip()}{',' * 1_000}\n{row('wide:2').strip()},{','.join(EXTRA)}\n",
        2,
        ["wide:1", "wide:2"],
    ),
    "thousand_fields_too_many": Input(
        f"{HEADER}{row('fields:1').strip()},{','.join(EXTRA)}\n{row('fields:2')}",
        2,
        ["fields:2"],
        {"unreadable_line: too many columns": 1},
    ),
    "wrong_types": Input(
        records([good("type:0"), *(good(f"type:{name}", **{name: text}) for name, text in WRONG.items())]),
        1 + len(WRONG),
        ["type:0"],
        {f"unreadable_{name}": 1 for name in WRONG},
    ),
    "mark_and_windows_lines": Input(
        b"\xef\xbb\xbf"
        + (HEADER.replace("event_id", '"event_id"') + row("mark:1") + row("mark:2", page_path='"/a\n/b"'))
        .replace("\n", "\r\n")
        .encode(),
        2,
        ["mark:1", "mark:2"],
    ),
    # Two files put together: the second header is a row without anything that can be read.
    "mark_in_the_middle": Input(
        "\ufeff" + HEADER + row("middle:1") + "\ufeff" + HEADER + row("middle:2"),
        3,
        ["middle:1", "middle:2"],
        {"unreadable_occurred_at,loaded_at,duration_seconds,amount": 1},
    ),
    "mixed_encodings": Input(
        (HEADER + row("mixed:1", page_path="/日本é")).encode()
        + row("mixed:2", page_path="/é").encode("latin-1")
        + row("mixed:3", page_path="/日本").encode("shift-jis")
        + row("mixed:4", page_path="/€").encode("cp1252")
        + row("mixed:5", page_path="/Ã©").encode(),
        5,
        ["mixed:1", "mixed:5"],
        {"unreadable_line: invalid encoding": 3},
    ),
    "unit_separator": Input(
        HEADER
        + "".join(row(f"unit:{number}", page_path="/a\x1fb") for number in range(3))
        + row("unit:3", email='"ann@x.org')
        + row("unit:4"),
        5,
        ["unit:0", "unit:1", "unit:2"],
        {"unreadable_line: unterminated quote": 2},
    ),
    "field_of_a_megabyte": Input(HEADER + row("mega:1", page_path="x" * 1_000_000) + row("mega:2"), 2, ["mega:1", "mega:2"]),
    "line_of_five_megabytes": Input(
        HEADER + row("five:1", page_path="x" * 5_000_000) + row("five:2"),
        2,
        ["five:2"],
        {"unreadable_line: line size over maximum": 1},
    ),
    # Each name is a pattern that the other files fit: nobody may be read twice or not at all.
    "name_with_star": Input(HEADER + row("star:1"), 1, ["star:1"], name="name_*.csv"),
    "name_with_question_mark": Input(HEADER + row("question:1"), 1, ["question:1"], name="name_?.csv"),
    "name_with_brackets": Input(HEADER + row("brackets:1"), 1, ["brackets:1"], name="name_[12].csv"),
    "name_that_fits": Input(HEADER + row("fits:1"), 1, ["fits:1"], name="name_1.csv"),
    "hostile_name": Input(
        HEADER + row("name:1"), 1, ["name:1"], name="'; drop table leads; -- {{ boom() }}{% raw %}${HOME}`x`.csv"
    ),
    "other_separator": Input((HEADER + row("semicolon:1")).replace(",", ";"), 1, [], {"missing_event_id": 1}),
    "years": Input(
        HEADER + "".join(row(f"year:{text}", occurred_at=text, loaded_at=text) for text in YEARS),
        len(YEARS),
        [f"year:{text}" for text, reason in YEARS.items() if not reason],
        dict(Counter(reason for reason in YEARS.values() if reason)),
    ),
    "bad_clocks": Input(
        HEADER + "".join(row(f"bad:{text}", occurred_at=text) for text in BAD_CLOCKS),
        len(BAD_CLOCKS),
        [],
        {"unreadable_occurred_at": len(BAD_CLOCKS)},
    ),
    "odd_clocks": Input(
        HEADER + "".join(row(f"odd:{text}", occurred_at=text, loaded_at="2026-03-02") for text in GOOD_CLOCKS),
        len(GOOD_CLOCKS),
        [f"odd:{text}" for text in GOOD_CLOCKS],
    ),
    "ahead": Input(
        HEADER + "".join(row(f"ahead:{name}", occurred_at=later(seconds)) for name, seconds in AHEAD.items()),
        len(AHEAD),
        [f"ahead:{name}" for name, seconds in AHEAD.items() if seconds <= 86_400],
        {"future_event": 1},
    ),
    "lookalikes": Input(
        records([good(f"look:{number}", email=email) for number, email in enumerate(LOOKALIKES)]),
        len(LOOKALIKES),
        [f"look:{number}" for number in range(len(LOOKALIKES))],
    ),
    "emails": Input(
        records([good(f"email:{number}", email=email) for number, email in enumerate(EMAILS)]),
        len(EMAILS),
        [f"email:{number}" for number in range(len(EMAILS))],
    ),
    "mark_alone": Input(b"\xef\xbb\xbf", 0),
    "hostile_texts": Input(
        records([good(f"hostile:{number}", **dict.fromkeys(TEXTS, text)) for number, text in enumerate(HOSTILE)]),
        len(HOSTILE),
        [f"hostile:{number}" for number in range(len(HOSTILE))],
    ),
    "hostile_codes": Input(
        records([good(text, event_type=text) for text in HOSTILE]),
        len(HOSTILE),
        [],
        {"unknown_event_type": len(HOSTILE)},
    ),
}

UNREAD = ("name in capitals.CSV", "notes.txt")
"""Files beside the others that nobody reads."""

AT = "2026-03-01 11:00:00"
CONTACT = {"contact_id": "c", "email": "ann@example.com", "loaded_at": AT, "created_at": AT, "updated_at": AT}
ACCOUNT = {"company_domain": "x.org", "updated_at": AT, "loaded_at": AT}
LINK = {"contact_id": "a", "merged_into_contact_id": "b", "occurred_at": AT, "loaded_at": AT}
ADJUSTMENT = {
    **{"adjustment_id": "1", "email": "ann@example.com", "score_model": "default", "points": "5", "reason": "r", "author": "a"},
    **{"effective_on": "2026-03-01", "expires_on": "9999-12-31", "loaded_at": AT},
}
OUTCOME = {"outcome_id": "1", "email": "ann@example.com", "outcome": "won", "occurred_at": AT, "loaded_at": AT, "amount": "1"}
RECORDS: dict[str, list[tuple[dict[str, str], str | None]]] = {
    "contacts": [
        (CONTACT, None),
        *(({**CONTACT, name: "soon"}, f"missing_{name}") for name in ("created_at", "updated_at", "loaded_at")),
        *(
            ({**CONTACT, name: "many"}, f"unreadable_{name}")
            for name in ("employee_count", "annual_revenue", "age", "cycle_months", "consented_at", "enriched_at")
        ),
        *(({**CONTACT, name: "maybe"}, f"unreadable_{name}") for name in ("is_email_opted_out", "has_marketing_consent")),
        ({**CONTACT, "age": "41.5", "employee_count": "1e3"}, "unreadable_employee_count,age"),
        ({**CONTACT, "contact_id": "\u00a0"}, "missing_contact_id"),
        ({**CONTACT, "created_at": "0000-01-01"}, "impossible_time"),
        ({**CONTACT, "updated_at": "9999-12-31T23:59:59-05:00"}, "impossible_time"),
        ({**CONTACT, "created_at": "1900-01-01", "updated_at": "9999-12-31"}, None),
    ],
    "accounts": [
        (ACCOUNT, None),
        ({**ACCOUNT, "company_domain": ""}, "missing_company_domain"),
        ({**ACCOUNT, "updated_at": "03/04/2026"}, "missing_updated_at"),
        ({**ACCOUNT, "loaded_at": "1e10"}, "missing_loaded_at"),
        ({**ACCOUNT, "employee_count": "50-100"}, "unreadable_employee_count"),
        ({**ACCOUNT, "annual_revenue": "NaN"}, "unreadable_annual_revenue"),
    ],
    "identity_links": [
        (LINK, None),
        ({**LINK, "contact_id": " "}, "missing_contact_id"),
        ({**LINK, "merged_into_contact_id": ""}, "missing_merged_into_contact_id"),
        ({**LINK, "occurred_at": "2026-02-30"}, "missing_occurred_at"),
        ({**LINK, "loaded_at": "never"}, "missing_loaded_at"),
    ],
    "adjustments": [
        (ADJUSTMENT, None),
        *(({**ADJUSTMENT, "points": text}, "missing_points") for text in ("NaN", "inf", "1e308", "10 %", "", "five")),
        ({**ADJUSTMENT, "points": "-5"}, None),
        ({**ADJUSTMENT, "adjustment_id": ""}, "missing_adjustment_id"),
        ({**ADJUSTMENT, "email": ""}, "no_identity"),
        ({**ADJUSTMENT, "effective_on": "03/04/2026"}, "missing_effective_on"),
        ({**ADJUSTMENT, "expires_on": "never"}, "unreadable_expires_on"),
        ({**ADJUSTMENT, "score_model": "{{ 1/0 }}"}, "unknown_score_model"),
        ({**ADJUSTMENT, "loaded_at": "soon"}, "missing_loaded_at"),
    ],
    "outcomes": [
        (OUTCOME, None),
        ({**OUTCOME, "outcome_id": ""}, "missing_outcome_id"),
        ({**OUTCOME, "outcome": ""}, "missing_outcome"),
        ({**OUTCOME, "outcome": "'; drop table leads; --"}, "unknown_outcome"),
        ({**OUTCOME, "email": ""}, "no_identity"),
        ({**OUTCOME, "occurred_at": "infinity"}, "missing_occurred_at"),
        ({**OUTCOME, "loaded_at": "infinity"}, "missing_loaded_at"),
        ({**OUTCOME, "amount": "1,5"}, "unreadable_amount"),
        ({**OUTCOME, "amount": "1e12"}, "impossible_number"),
    ],
    "erasures": [
        ({"email": "gone@example.com", "requested_at": AT, "loaded_at": AT}, None),
        # Whoever asks to be forgotten is, whether or not anybody can read when.
        ({"email": "late@example.com", "requested_at": "soon", "loaded_at": "never"}, None),
        ({"email": "", "requested_at": AT, "loaded_at": AT}, "no_identity"),
    ],
}
"""Rows of the other tables, each with the reason why it cannot be used, whole or in part, if there is one."""


@dataclass
class Told:
    """What a run said of the events, of the rows of other tables, and aloud."""

    run: Run
    records: list[dict[str, Any]]
    notices: list[str]
    leads: dict[str, str]
    erased: set[str]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with its seeds loaded."""
    project = Project(tmp_path_factory.mktemp("bad_inputs") / "project")
    empty = project.folder / "no_raw_data"
    empty.mkdir()
    assert project.dbt("seed", raw=empty, variables=VARIABLES).success
    return project


def tell(project: Project, raw: Path) -> Told:
    """Read a raw folder up to the accounting, events and other tables."""
    run = read(project, raw, "+quarantine_records")
    query = "select event_key, alias_id from intermediate.int_events_classified where alias_id is not null"
    return Told(
        run,
        project.rows("select raw_table, raw_file, raw_row, reason from quarantine.records"),
        project.notices,
        {found["event_key"]: found["alias_id"] for found in project.rows(query)},
        {found["lead_id"] for found in project.rows("select lead_id from intermediate.int_erased_leads")},
    )


def write(raw: Path, inputs: Mapping[str, Input], ending: str) -> Path:
    """The inputs as files of events; returns the raw folder."""
    folder = raw / "generic" / "events"
    folder.mkdir(parents=True)
    for name, each in inputs.items():
        content = each.content.encode() if isinstance(each.content, str) else each.content
        (folder / (each.name or name + ending)).write_bytes(content)
    return raw


def check(each: Input, file: str, told: Told) -> None:
    """Every row of the file is accounted for, and as it should be."""
    found = told.run.files[file]
    assert found.accepted == each.accepted
    assert found.quarantined == each.quarantined
    assert each.rows == len(found.accepted) + found.duplicates + sum(found.quarantined.values())


@pytest.fixture(scope="module")
def csv_told(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """All CSV files and the rows of the other tables, read at once."""
    raw = write(tmp_path_factory.mktemp("csv"), CSV_INPUTS, ".csv")
    for table, rows in RECORDS.items():
        (raw / "generic" / f"{table}.csv").write_text(records([each for each, _ in rows]), encoding="utf-8")
    for name in UNREAD:
        (raw / "generic" / "events" / name).write_text(HEADER + row("unread:1"), encoding="utf-8")
    return tell(project, raw)


@pytest.mark.parametrize("name", CSV_INPUTS)
def test_csv(csv_told: Told, name: str) -> None:
    """Each CSV file among the others."""
    check(CSV_INPUTS[name], CSV_INPUTS[name].name or f"{name}.csv", csv_told)


@pytest.mark.parametrize("table", RECORDS)
def test_records(csv_told: Told, table: str) -> None:
    """Each row of a table that is no table of events, in part or as a whole."""
    told = {found["raw_row"]: found["reason"] for found in csv_told.records if found["raw_table"] == table}
    assert told == {number: reason for number, (_, reason) in enumerate(RECORDS[table], start=1) if reason}


def test_a_request_to_be_forgotten_needs_no_time(csv_told: Told) -> None:
    """Both are carried out."""
    assert csv_told.erased == {oracle.md5(f"email:{name}@example.com") for name in ("gone", "late")}


def test_one_normal_form_of_each_address(csv_told: Told) -> None:
    """In SQL and in Python; the lead is that of the normal form."""
    assert {email: oracle.normalised_email(email) for email in EMAILS} == EMAILS
    found = {email: csv_told.leads.get(f"generic:email:{number}") for number, email in enumerate(EMAILS)}
    assert found == {email: oracle.md5(f"email:{key}") for email, key in EMAILS.items()}


def test_lookalikes_are_different_people(csv_told: Told) -> None:
    """Nobody takes over the score of another by an address that looks like theirs."""
    assert len({csv_told.leads[f"generic:look:{number}"] for number in range(len(LOOKALIKES))}) == len(LOOKALIKES)


def test_values_are_those_that_were_written(csv_told: Told) -> None:
    """Times by their offset, and hostile texts as texts."""
    events = csv_told.run.events
    assert {text: events[f"odd:{text}"]["occurred_at"] for text in GOOD_CLOCKS} == GOOD_CLOCKS
    for number, text in enumerate(HOSTILE):
        assert {name: events[f"hostile:{number}"][name] for name in TEXTS} == dict.fromkeys(TEXTS, text)
    assert events["mixed:5"]["page_path"] == "/Ã©"
    assert events["unit:1"]["page_path"] == "/a\x1fb"


def test_what_nobody_reads_is_said(csv_told: Told) -> None:
    """Columns without a name of ours, and files that belong to no table."""
    (columns,) = [notice for notice in csv_told.notices if "generic.events has columns that nobody reads" in notice]
    assert "c0, c1" in columns
    assert re.search(r"and \d+ more", columns)
    (files,) = [notice for notice in csv_told.notices if notice.startswith("Notice: nobody reads")]
    assert all(name in files for name in UNREAD)
    assert "name_1.csv" not in files
    assert [notice for notice in csv_told.notices if notice.endswith("mark_alone.csv is empty.")]


# --------------------------------------------------------------------------------------------------------------------
# JSON lines
# --------------------------------------------------------------------------------------------------------------------


def with_json(event_id: str, text: str) -> str:
    """A good line with some more JSON at its end, as it stands there."""
    return line(event_id).strip()[:-1] + f", {text}}}\n"


JSONL_INPUTS: dict[str, Input] = {
    "nested_deeply": Input(
        with_json("deep:1", f'"properties": {"[" * 2_000}{"]" * 2_000}')
        + with_json("deep:2", f'"properties": {"[" * 100_000}{"]" * 100_000}')
        + with_json("deep:3", '"properties": ' + '{"a":' * 2_000 + "1" + "}" * 2_000)
        + line("deep:4"),
        4,
        ["deep:1", "deep:2", "deep:3", "deep:4"],
    ),
    "thousand_keys": Input(line("keys:1", **dict.fromkeys(EXTRA, 1)), 1, ["keys:1"]),
    "types_of_values": Input(
        line("value:1", occurred_at=True)
        + line("value:2", occurred_at=["2026-03-01"])
        + line("value:3", duration_seconds={"seconds": 5})
        + line("value:4", amount=True)
        + line("value:5", amount=[])
        + line("value:6", event_type=7)
        + line("value:7", is_deleted=2)
        + line("value:8", event_version={})
        + line("value:9", loaded_at="soon")
        + line(None)
        + line("value:10", email=7),
        11,
        ["value:10"],
        {
            "unreadable_occurred_at": 2,
            "unreadable_duration_seconds": 1,
            "unreadable_amount": 2,
            "unknown_event_type": 1,
            "unreadable_is_deleted": 1,
            "unreadable_event_version": 1,
            "unreadable_loaded_at": 1,
            "missing_event_id": 1,
        },
    ),
    "numbers_that_are_none": Input(
        "".join(
            with_json(f"token:{text}", f'"amount": {text}') for text in ("NaN", "Infinity", "-Infinity", "1e400", "-0", "01")
        ),
        6,
        ["token:-0"],
        {"unreadable_amount": 4, "unreadable_json": 1},
    ),
    "no_json": Input(
        f"{line('two:1').strip()}{line('two:2')}// a comment\n{{'event_id': 'single'}}\n{line('two:3').strip()} more\n{line('two:4')}",
        5,
        ["two:4"],
        {"unreadable_json": 4},
    ),
    "one_array": Input(f"[{line('array:1').strip()},\n{line('array:2').strip()}]\n", 2, [], {"unreadable_json": 2}),
    "half_a_character": Input(
        with_json("half:1", '"page_path": "\\ud800"')
        + with_json("half:2", '"page_path": "/\\ud83d\\ude00"')
        + with_json("half:3", '"page_path": "/a\x01b"'),
        3,
        ["half:2"],
        {"unreadable_json": 2},
    ),
    "repeated_keys": Input(
        with_json("again:1", '"email": "bob@example.com"') + with_json("again:2", '"mood": 1, "mood": 1') + line("again:3"),
        3,
        ["again:3"],
        {"unreadable_json: repeated key": 2},
    ),
    "keys_in_capitals": Input(
        line("case:1").replace('"email"', '"EMAIL"') + line("case:2", Email="bob@example.com"), 2, ["case:1", "case:2"]
    ),
    # Its line end is two bytes, too: the second one is a line of its own.
    "utf_16": Input(line("wide:1").encode("utf-16"), 2, [], {"unreadable_line: invalid encoding": 1, "unreadable_json": 1}),
}


@pytest.fixture(scope="module")
def jsonl_told(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """All files of JSON lines, read at once."""
    return tell(project, write(tmp_path_factory.mktemp("jsonl"), JSONL_INPUTS, ".jsonl"))


@pytest.mark.parametrize("name", JSONL_INPUTS)
def test_jsonl(jsonl_told: Told, name: str) -> None:
    """Each file of JSON lines among the others."""
    check(JSONL_INPUTS[name], f"{name}.jsonl", jsonl_told)


def test_keys_of_one_column_are_said(jsonl_told: Told) -> None:
    """One of two keys in other letters counts, and a notice says so."""
    assert [notice for notice in jsonl_told.notices if "has several keys for email" in notice]
    assert jsonl_told.run.events["case:1"]["email"] == "ann@example.com"


# --------------------------------------------------------------------------------------------------------------------
# Parquet
# --------------------------------------------------------------------------------------------------------------------

DAY = datetime(2026, 3, 1, 11)
NAN, INFINITE = float("nan"), float("inf")
FAR = pyarrow.array([253_402_300_800_000_000]).cast(pyarrow.timestamp("us"))
"""The first second of the year 10000."""


def one(value: Any, kind: Any = None) -> Any:
    """A column of one value."""
    return pyarrow.array([value], kind)


PARQUET_INPUTS: dict[str, tuple[dict[str, Any], str | None]] = {
    "event_id as a boolean": ({"event_id": one(True)}, None),
    "event_id as a date": ({"event_id": one(date(2026, 3, 1))}, None),
    "event_id as a structure": ({"event_id": one({"a": 1})}, None),
    "event_id as a list": ({"event_id": one(["a", "b"])}, None),
    "event_id as a decimal": ({"event_id": one(Decimal("5.00"), pyarrow.decimal128(18, 2))}, None),
    "event_id beyond 64 bits": ({"event_id": one(2**64 - 1, pyarrow.uint64())}, None),
    "event_id as bytes": ({"event_id": one(b"\x00\xff")}, "unreadable_event_id"),
    "event_id not a number": ({"event_id": one(NAN)}, "missing_event_id"),
    "event_id infinite": ({"event_id": one(INFINITE)}, "unreadable_event_id"),
    "event_type as a number": ({"event_type": one(7)}, "unknown_event_type"),
    "email as a number": ({"email": one(7)}, None),
    "email as a structure": ({"email": one({"address": "ann@example.com"})}, None),
    "properties as a structure": ({"properties": one({"plan": "pro", "seats": 3})}, None),
    "properties as a map": ({"properties": one([("plan", "pro")], pyarrow.map_(pyarrow.string(), pyarrow.string()))}, None),
    "page_path of no type": ({"page_path": one(None, pyarrow.null())}, None),
    "occurred_at as a boolean": ({"occurred_at": one(True)}, "unreadable_occurred_at"),
    "occurred_at as a time of day": ({"occurred_at": one(time(10), pyarrow.time64("us"))}, "unreadable_occurred_at"),
    "occurred_at as a structure": ({"occurred_at": one({"seconds": 1})}, "unreadable_occurred_at"),
    "occurred_at in 1900": ({"occurred_at": one(datetime(1900, 1, 1))}, "impossible_time"),
    "both times in 9999": ({"occurred_at": one(datetime(9999, 12, 31)), "loaded_at": one(datetime(9999, 12, 31))}, None),
    "both times in 10000": ({"occurred_at": FAR, "loaded_at": FAR}, "impossible_time"),
    "event_version as text": ({"event_version": one("two")}, "unreadable_event_version"),
    "event_version not a number": ({"event_version": one(NAN)}, "unreadable_event_version"),
    "event_version as a boolean": ({"event_version": one(True)}, "unreadable_event_version"),
    "event_version too large": ({"event_version": one(2**63, pyarrow.uint64())}, "unreadable_event_version"),
    "is_deleted as a number": ({"is_deleted": one(2)}, "unreadable_is_deleted"),
    "amount as text": ({"amount": one("ten")}, "unreadable_amount"),
    "amount as a boolean": ({"amount": one(True)}, "unreadable_amount"),
    "amount as a date": ({"amount": one(date(2026, 3, 1))}, "unreadable_amount"),
    "amount as a structure": ({"amount": one({"value": 1})}, "unreadable_amount"),
    "amount as a decimal too large": ({"amount": one(Decimal(10**30), pyarrow.decimal128(38, 2))}, "impossible_number"),
    "thousand columns": ({name: one(1) for name in EXTRA}, None),
}
"""Columns of one row, and the reason why it cannot be used, if there is one."""

KEPT_AS = {
    "event_id as a boolean": "true",
    "event_id as a date": "2026-03-01",
    "event_id as a structure": '{"a":1}',
    "event_id as a list": '["a","b"]',
    "event_id as a decimal": "5",
    "event_id beyond 64 bits": "18446744073709551615",
}
"""Ids of other types, as text."""


@pytest.fixture(scope="module")
def parquet_told(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A file for each column of another type, and numbers that are none in the other tables."""
    raw = tmp_path_factory.mktemp("parquet")
    folder = raw / "generic"
    for name, (columns, _) in PARQUET_INPUTS.items():
        parquet(folder / "events", f"{name}.parquet", {"event_id": one(name), **columns}, 1)
    times = {"loaded_at": DAY, "created_at": DAY, "updated_at": DAY}
    tables: dict[str, list[dict[str, Any]]] = {
        "contacts": [{"contact_id": str(number), **times, "annual_revenue": number} for number in (NAN, INFINITE, 5.0)],
        "accounts": [{"company_domain": "x.org", **times, "annual_revenue": number} for number in (NAN, 5.0)],
        "outcomes": [
            {
                "outcome_id": "1",
                "email": "ann@example.com",
                "outcome": "won",
                "occurred_at": DAY,
                "loaded_at": DAY,
                "amount": number,
            }
            for number in (NAN, INFINITE, 5.0)
        ],
        "adjustments": [
            {**ADJUSTMENT, "points": number, "effective_on": DAY.date(), "expires_on": None, "loaded_at": DAY}
            for number in (NAN, INFINITE, 1e308, 5.0)
        ],
    }
    for table, rows in tables.items():
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), folder / f"{table}.parquet")
    return tell(project, raw)


@pytest.mark.parametrize("name", PARQUET_INPUTS)
def test_parquet(parquet_told: Told, name: str) -> None:
    """Each column of another type among the others."""
    reason = PARQUET_INPUTS[name][1]
    accepted = [] if reason else [KEPT_AS.get(name, name)]
    check(Input("", 1, accepted, {reason: 1} if reason else {}), f"{name}.parquet", parquet_told)


def test_what_has_parts_is_json(parquet_told: Told) -> None:
    """A rule that names `properties.plan` finds it, however the file holds it."""
    events = parquet_told.run.events
    assert json.loads(events["properties as a structure"]["properties"]) == {"plan": "pro", "seats": 3}
    assert json.loads(events["properties as a map"]["properties"]) == {"plan": "pro"}
    assert json.loads(events["email as a structure"]["email"]) == {"address": "ann@example.com"}


def test_numbers_that_are_none_are_told_of_every_table(parquet_told: Told) -> None:
    """A number that nobody can reckon with is left out, and the row that had it is told."""
    assert {(found["raw_table"], found["raw_row"]): found["reason"] for found in parquet_told.records} == {
        ("contacts", 1): "unreadable_annual_revenue",
        ("contacts", 2): "unreadable_annual_revenue",
        ("accounts", 1): "unreadable_annual_revenue",
        ("outcomes", 1): "impossible_number",
        ("outcomes", 2): "impossible_number",
        **{("adjustments", number): "missing_points" for number in (1, 2, 3)},
    }


# --------------------------------------------------------------------------------------------------------------------
# Refused
# --------------------------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[bytes, str]] = {
    "line_ends_only.csv": (b"\n\n\n", "no header"),
    "utf_32.csv": ((HEADER + row("1")).encode("utf-32"), "no header"),
    "semicolons_only.csv": ((HEADER + row("1")).replace(",", ";").encode(), "required column event_id"),
    "other_objects.jsonl": (b'{"name": "no event"}\n', "required column event_id"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(project: Project, tmp_path: Path, name: str) -> None:
    """The run ends before the first model, and names the file and what is wrong with it."""
    content, reason = REFUSED[name]
    folder = tmp_path / "raw" / "generic" / "events"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(content)
    message = attempt(project, tmp_path / "raw")
    assert message is not None
    assert name in message
    assert reason in message


def test_a_raw_folder_with_a_name_like_a_pattern(project: Project, tmp_path: Path) -> None:
    """Its files are read; as a pattern the name would fit no folder, and every table would be empty."""
    raw = write(tmp_path / "raw [2026]*", {"found": Input(HEADER + row("folder:1"), 1)}, ".csv")
    assert attempt(project, raw) is None
    assert project.rows("select event_id from raw_generic.events") == [{"event_id": "folder:1"}]


# --------------------------------------------------------------------------------------------------------------------
# Scored
# --------------------------------------------------------------------------------------------------------------------

BERLIN = {"as_of_date": "2026-03-31", "scoring_timezone": "Europe/Berlin", "lead_scoring_sources": ["generic"]}
BOT_EVENTS = 100_000
LOCAL_DAYS = {
    "2026-03-28T22:59:59Z": date(2026, 3, 28),
    "2026-03-28T23:00:00Z": date(2026, 3, 29),
    # The hour that nobody has lies here.
    "2026-03-29T00:59:59Z": date(2026, 3, 29),
    "2026-03-29T21:59:59Z": date(2026, 3, 29),
    "2026-03-29T22:00:00Z": date(2026, 3, 30),
    "2025-10-25T22:00:00Z": date(2025, 10, 26),
    # The hour that everybody has twice.
    "2025-10-26T00:30:00Z": date(2025, 10, 26),
    "2025-10-26T01:30:00Z": date(2025, 10, 26),
    "2025-10-26T22:59:59Z": date(2025, 10, 26),
    "2025-10-26T23:00:00Z": date(2025, 10, 27),
}
"""Moments around the nights in which clocks change, and the days of Berlin in which they lie."""

EDGES = {
    "19.4999": (19, "new"),
    "19.5": (20, "warm"),
    "20": (20, "warm"),
    "49.4999": (49, "warm"),
    "49.5": (50, "qualified"),
    "50": (50, "qualified"),
    "-0.5": (0, "new"),
    "-50": (0, "new"),
}
"""Manual points, and the score and segment of a lead that has no other."""

QUOTE, BRACES, HOME, PATH, FORMULA = HOSTILE[0], HOSTILE[1], HOSTILE[3], HOSTILE[4], HOSTILE[5]
HOSTILE_SEEDS = {
    "point_grid": {
        **{"score_model": "default", "rule_id": QUOTE, "subscore": "behaviour", "label": BRACES, "kind": "event"},
        **{"event_type": "page_viewed", "field": "page_path", "operator": "eq", "operand": QUOTE, "points": "90"},
    },
    "segments": {
        "score_model": "default",
        "segment": BRACES,
        "label": HOME,
        "rank": "9",
        "lower_bound": "120",
        "temperature": "hot",
    },
    "next_actions": {
        **{"score_model": "default", "segment": BRACES, "channel": QUOTE, "action": FORMULA, "template": PATH},
        **{"delay_hours": "0", "sla_hours": "24"},
    },
}
"""A rule, a segment and an action of it whose every text is an attack."""

PROFILE = (
    "first_name",
    "last_name",
    "company",
    "job_title",
    "seniority",
    "department",
    "industry",
    "country",
    "city",
    "phone",
    "owner",
)


def scored_rows() -> dict[str, list[dict[str, str]]]:
    """The rows of a raw folder, by table."""
    events = [
        {
            "event_id": f"bot:{number}",
            "occurred_at": f"2026-03-20 10:00:{number * 60 // BOT_EVENTS:02d}",
            "email": "bot@robots.example",
        }
        for number in range(BOT_EVENTS)
    ]
    events += [
        {"event_id": f"twin:{number}", "occurred_at": "2026-03-20 10:00:30", "email": "twin@people.example"} for number in (1, 2)
    ]
    events = [{**event, "page_path": "/pricing"} for event in events]
    events += [
        {"event_id": moment, "occurred_at": moment, "email": f"{moment[:19].lower()}@days.example"} for moment in LOCAL_DAYS
    ]
    events += [
        {
            "event_id": "soon",
            "occurred_at": "2026-03-31T22:00:00Z",
            "loaded_at": "2026-03-31T22:00:00Z",
            "email": "soon@days.example",
        },
        {"event_id": "far", "occurred_at": "9999-12-31", "loaded_at": "9999-12-31", "email": "far@days.example"},
        {"event_id": "hostile", "occurred_at": "2026-03-20", "email": "hostile@people.example", **dict.fromkeys(TEXTS, QUOTE)},
        {"event_id": "zeros", "occurred_at": "2026-03-20", "contact_id": "00123"},
        {"event_id": "no zeros", "occurred_at": "2026-03-20", "contact_id": "123"},
        {"event_id": "itself", "occurred_at": "2026-03-20", "contact_id": "itself"},
        {"event_id": "circle", "occurred_at": "2026-03-20", "contact_id": "circle_b"},
    ]
    old, new = "1900-01-01", "9999-12-31"
    contacts = [
        {"contact_id": name, "created_at": "2026-03-01", "updated_at": "2026-03-01"}
        for name in ("00123", "123", "itself", "circle_a", "circle_b")
    ]
    contacts += [
        {"contact_id": "years", "email": "years@people.example", "job_title": day, "created_at": old, "updated_at": day}
        for day in (old, new)
    ]
    contacts += [
        {"contact_id": points, "email": f"{points}@edges.example", "created_at": "2026-03-01", "updated_at": "2026-03-01"}
        for points in EDGES
    ]
    contacts += [
        {
            **{"contact_id": QUOTE, "email": "hostile@people.example", "created_at": "2026-03-01", "updated_at": "2026-03-01"},
            **dict.fromkeys(PROFILE, BRACES),
        }
    ]
    manual = {"score_model": "default", "reason": FORMULA, "author": HOME, "effective_on": old, "expires_on": new}
    adjustments = [{**manual, "adjustment_id": points, "email": f"{points}@edges.example", "points": points} for points in EDGES]
    adjustments += [{**manual, "adjustment_id": PATH, "email": "hostile@people.example", "points": "50"}]
    links = [("itself", "itself"), ("circle_a", "circle_b"), ("circle_b", "circle_a")]
    tables = {
        "events": [{"event_type": "page_viewed", **event} for event in events],
        "contacts": contacts,
        "adjustments": adjustments,
        "identity_links": [{"contact_id": one, "merged_into_contact_id": two, "occurred_at": "2026-03-01"} for one, two in links],
    }
    return {name: [{"loaded_at": "2026-03-30", **each} for each in rows] for name, rows in tables.items()}


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A build on hostile seeds and absurd rows."""
    folder = tmp_path_factory.mktemp("scored")
    project = Project(folder / "project")
    for seed, cells in HOSTILE_SEEDS.items():
        path = project.folder / "seeds" / f"{seed}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            names = csv.DictReader(file).fieldnames or []
        with path.open("a", encoding="utf-8", newline="") as file:
            csv.DictWriter(file, names, lineterminator="\n").writerow(cells)
    (folder / "raw" / "generic").mkdir(parents=True)
    for table, rows in scored_rows().items():
        (folder / "raw" / "generic" / f"{table}.csv").write_text(records(rows), encoding="utf-8")
    project.build(folder / "raw", BERLIN, without=("unit_test",))
    return project


def scores(project: Project) -> dict[str, dict[str, Any]]:
    """What is published of each lead, by its e-mail or contact id."""
    query = """
        select leads.*, scores.* exclude (lead_id, last_activity_on)
        from marts.dim_leads as leads inner join marts.fct_lead_scores as scores using (lead_id)
    """
    return {found["email"] or found["contact_id"]: found for found in project.rows(query)}


def test_every_row_is_counted_and_every_lead_scored(scored: Project) -> None:
    """Nothing is quarantined, and nobody is there whom no row names."""
    rows = scored_rows()
    report = scored.rows("select outcome, row_count from marts.rpt_source_rows where raw_table = 'events'")
    assert report == [{"outcome": "scored", "row_count": len(rows["events"])}]
    assert scored.rows("select reason from quarantine.records") == []
    named = {each["email"] for kind in rows.values() for each in kind if "email" in each}
    waiting = {"soon@days.example", "far@days.example"}
    assert set(scores(scored)) == named - waiting | {"00123", "123", "itself", "circle_a"}


def test_a_bot_is_worth_what_two_views_are(scored: Project) -> None:
    """However many views of a minute there are."""
    found = scores(scored)
    bot, twin = found["bot@robots.example"], found["twin@people.example"]
    assert bot["score_exact"] == twin["score_exact"] > 0
    query = "select max(occurrences) as occurrences from marts.fct_lead_score_contributions where entry_type = 'rule'"
    assert scored.rows(query) == [{"occurrences": 1}]


def test_days_are_those_of_the_place_when_clocks_change(scored: Project) -> None:
    """An event lies in the day that a calendar on the wall of Berlin showed."""
    found = scores(scored)
    assert {moment: found[f"{moment[:19].lower()}@days.example"]["first_seen_on"] for moment in LOCAL_DAYS} == LOCAL_DAYS


def test_a_score_on_an_edge_belongs_to_the_upper_band(scored: Project) -> None:
    """Rounded half away from zero, and never below the lowest score."""
    found = scores(scored)
    told = {points: found[f"{points}@edges.example"] for points in EDGES}
    assert {points: (row["score"], row["segment"]) for points, row in told.items()} == EDGES


def test_contacts_with_absurd_ids_merges_and_years(scored: Project) -> None:
    """A zero in front makes another person, of a circle the smallest id stands, and a version of the year 9999 does not hold yet."""
    found = scores(scored)
    lead = found["circle_a"]["lead_id"], found["itself"]["lead_id"], found["00123"]["lead_id"], found["123"]["lead_id"]
    assert lead == tuple(oracle.md5(f"contact:generic:{name}") for name in ("circle_a", "itself", "00123", "123"))
    years = found["years@people.example"]
    assert (years["job_title"], years["first_seen_on"]) == ("1900-01-01", date(1900, 1, 1))


def test_hostile_texts_are_texts(scored: Project) -> None:
    """In data, in rules, in segments and in actions; nothing of them was carried out."""
    hostile = scores(scored)["hostile@people.example"]
    assert {name: hostile[name] for name in PROFILE} == dict.fromkeys(PROFILE, BRACES)
    assert (hostile["contact_id"], hostile["segment"]) == (QUOTE, BRACES)
    lead = f"where lead_id = '{hostile['lead_id']}'"
    points = scored.rows(
        f"select rule_id, points from marts.fct_lead_score_contributions {lead} and points >= 50 order by points"
    )
    assert points == [{"rule_id": None, "points": 50}, {"rule_id": QUOTE, "points": 90}]
    assert f"{BRACES} (+90.0); {FORMULA} (+50.0)" in hostile["top_reasons"]
    actions = scored.rows(f"select channel, action, template from marts.fct_next_actions {lead}")
    assert actions == [{"channel": QUOTE, "action": FORMULA, "template": PATH}]


# --------------------------------------------------------------------------------------------------------------------
# The table
# --------------------------------------------------------------------------------------------------------------------


def test_the_table_is_whole() -> None:
    """At least sixty inputs, each once; every group of the specification, those apart that no code here can meet yet."""
    rows = listed()
    assert len(rows) >= 60
    assert [name for name, count in Counter(found.id for found in rows).items() if count > 1] == []
    assert all(all(found) for found in rows)
    assert {f"B{number}" for number in range(1, 51)} - {found.group for found in rows} == set()
    left = {found.group for found in rows if found.tried_in == NOT_TRIED}
    assert left == {"B49"}


@pytest.mark.parametrize("found", listed(), ids=lambda found: found.id)
def test_what_the_table_names_exists(found: Listed) -> None:
    """The test is there, and the case of it that the table names."""
    if found.tried_in == NOT_TRIED:
        return
    named = re.fullmatch(r"(test_\w+\.py)::(test_\w+)(?:\[(.+)\])?", found.tried_in)
    assert named, found.tried_in
    file, test, case = named.groups()
    text = (TABLE.parent / file).read_text(encoding="utf-8")
    assert f"\ndef {test}(" in text
    assert case is None or f'"{case}"' in text


def test_what_is_tried_here_stands_in_the_table() -> None:
    """And nothing is tried that the table does not tell of."""
    here = {found.tried_in.partition("::")[2] for found in listed() if found.tried_in.startswith(Path(__file__).name)}
    cases: dict[str, Mapping[str, object]] = {
        "test_csv": CSV_INPUTS,
        "test_jsonl": JSONL_INPUTS,
        "test_records": RECORDS,
        "test_refused": REFUSED,
    }
    assert {f"{test}[{name}]" for test, names in cases.items() for name in names} - here == set()
