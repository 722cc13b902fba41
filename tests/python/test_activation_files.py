"""Files as a destination: what is written is what was wanted, whole, safe to open, and inside the folder."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from activating import batch, operation
from lead_scoring.activation.operations import Batch, Operation, Verdict
from lead_scoring.activation.providers import files
from lead_scoring.activation.providers.base import Answer, Refused
from lead_scoring.activation.providers.files import Files

ANN, BEN, CLEO = "ann@example.com", "ben@example.com", "cleo@example.com"


class NoTransport:
    """Files need no network: whoever asks for it fails."""

    def call(
        self,
        method: str,
        path: str,
        operation: str,
        json: Any = None,
        *,
        is_repeatable: bool = True,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        raise AssertionError("a request was sent")

    def wait(self, seconds: float) -> None:
        raise AssertionError("somebody waited")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder that the receiver reads."""
    (tmp_path / "handed over").mkdir()
    return tmp_path / "handed over"


def provider(folder: Path) -> Files:
    """A push's provider."""
    return Files({"LEAD_SCORING_FILES_FOLDER": str(folder)})


def send(folder: Path, *operations: Operation) -> list[Verdict]:
    """Deliver a batch with a push of its own."""
    verdicts = list(provider(folder).deliver(batch(*operations), NoTransport()))
    assert [verdict.operation for verdict in verdicts] == list(operations)
    return verdicts


def in_parquet(folder: Path, pattern: str = "*.parquet", columns: str = "*") -> list[dict[str, Any]]:
    """The rows of the Parquet files."""
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select {columns} from read_parquet('{folder}/{pattern}', union_by_name => true) order by told_at, key"
        )
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def in_csv(folder: Path) -> list[dict[str, str]]:
    """The rows of the CSV files as text, as a spreadsheet gets them."""
    rows = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file))
    return rows


def state(folder: Path, list_id: str) -> set[str]:
    """Who is on a list, as the contract of the module says to read the files: no op_id twice, and the last row of each person."""
    seen: dict[str, dict[str, Any]] = {}
    for row in in_parquet(folder, "*_member_*.parquet"):
        seen.setdefault(row["op_id"], row)
    last = {row["key"]: row["op"] for row in seen.values() if row["list_id"] == list_id}
    return {key for key, op in last.items() if op == "add"}


def member(key: str, op: str = "add", list_id: str = "7", after: str | None = None) -> Operation:
    """Somebody on a list."""
    return operation("member", key, list_id=list_id, op=op, after_op_id=after)


def test_from_nothing_to_what_is_wanted_and_back(folder: Path) -> None:
    """Each file is a delta; the sum of them is the state, also when a batch came twice."""
    joined = [member(ANN), member(BEN)]
    left = member(ANN, "remove", after=joined[0].op_id)
    send(folder, *joined)
    send(folder, left)
    send(folder, member(CLEO))
    assert state(folder, "7") == {BEN, CLEO}
    # A push was killed before it wrote down that this was accepted, and the next one sent it again.
    send(folder, left)
    send(folder, *joined[1:])
    assert state(folder, "7") == {BEN, CLEO}
    assert len(in_parquet(folder)) == len(in_csv(folder)) == 6


def test_every_kind_has_its_columns_and_types(folder: Path) -> None:
    """Numbers are numbers and lists are lists in Parquet; the CSV has the same rows, a list as JSON."""
    attributes = {"SCORE": 73, "SHARE": -0.5, "IS_HOT": True, "TAGS": ["a", "b,c"], "GRADE": "A", "ODD": 1}
    send(
        folder,
        operation("contact", ANN, attributes),
        operation("contact", BEN, {**attributes, "SCORE": None, "TAGS": None, "ODD": "text"}, op="update"),
    )
    ann, ben = in_parquet(folder)
    assert {name: ann[name] for name in attributes} == {**attributes, "ODD": "1"}
    assert (ben["SCORE"], ben["TAGS"], ben["ODD"], ben["op"]) == (None, None, "text", "update")
    of_ann, of_ben = in_csv(folder)
    assert {name: of_ann[name] for name in attributes} == {
        "SCORE": "73",
        "SHARE": "-0.5",
        "IS_HOT": "true",
        "TAGS": '["a","b,c"]',
        "GRADE": "A",
        "ODD": "1",
    }
    assert (of_ben["SCORE"], of_ben["TAGS"], of_ben["key"], of_ben["op_id"]) == ("", "", BEN, ben["op_id"])


def test_events_and_erasures(folder: Path) -> None:
    """An event has its time and properties, an erased person only who they are."""
    payload = {"event": "entered", "occurred_at": "2026-03-10T00:00:00Z", "properties": {"segment": "hot", "ü": 1}}
    send(folder, operation("event", ANN, payload))
    (told,) = in_parquet(folder, "*_event_*.parquet")
    assert (told["event"], told["occurred_at"], json.loads(told["properties"])) == (
        "entered",
        "2026-03-10T00:00:00Z",
        {"segment": "hot", "ü": 1},
    )
    send(folder, operation("forget", BEN, op="remove"))
    (gone,) = in_parquet(folder, "*_forget_*.parquet")
    assert (gone["kind"], gone["key"], gone["op"]) == ("forget", BEN, "remove")


FORMULAS = [
    "=1+1",
    "+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "\uff1d1",
    "'; drop table leads; --",
    "{{ 1/0 }}",
    "{% raw %}",
    "${HOME}",
    "x\u0000y",
]


def test_no_cell_is_a_formula(folder: Path) -> None:
    """In the CSV an apostrophe stands before it; Parquet has it as it is; numbers stay numbers."""
    send(
        folder,
        *(operation("contact", f"{number}@example.com", {"TEXT": text, "NUMBER": -5}) for number, text in enumerate(FORMULAS)),
    )
    assert {row["TEXT"] for row in in_parquet(folder)} == set(FORMULAS)
    assert {row["NUMBER"] for row in in_csv(folder)} == {"-5"}
    shown = {row["key"]: row["TEXT"] for row in in_csv(folder)}
    for number, text in enumerate(FORMULAS):
        assert shown[f"{number}@example.com"] == (f"'{text}" if text.strip()[0] in "=+-@\uff1d" else text)
    send(folder, member("=cmd@example.com", list_id="=1"))
    assert "'=cmd@example.com" in {row["key"] for row in in_csv(folder)}


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "..", "a\\b", "a/b", "", "x" * 300, "nul\x00", "ü", "%2e%2e%2f", "$HOME", "a b.csv.part"],
)
def test_no_name_leaves_the_folder(folder: Path, name: str) -> None:
    """Destinations and lists are named by people; the files stay where they belong, and the rows have the name as it is."""
    before = {path for path in folder.parent.rglob("*") if folder not in path.parents}
    send(folder, operation("member", ANN, destination=name, list_id=name))
    assert {path for path in folder.parent.rglob("*") if folder not in path.parents} == before
    assert {path.suffix for path in folder.iterdir()} == {".csv", ".parquet"}
    (row,) = in_parquet(folder)
    assert (row["destination"], row["list_id"]) == (name, name)


def test_names_say_what_is_in_them_and_never_clash(folder: Path) -> None:
    """Destination, kind, list, op, time and number; two lists that look alike in a name have files of their own."""
    one = provider(folder)
    one.deliver(batch(member(ANN, list_id="a-b")), NoTransport())
    one.deliver(batch(member(ANN, "remove", list_id="a-b")), NoTransport())
    # Another destination's push in the same second.
    other = provider(folder)
    other.started = one.started
    other.deliver(batch(member(BEN, list_id="a-b")), NoTransport())
    other.deliver(batch(member(BEN, list_id="a/b")), NoTransport())
    time = f"{one.started:%Y%m%dT%H%M%SZ}"
    odd = hashlib.sha256(b"a/b").hexdigest()[:8]
    assert sorted(path.stem for path in folder.glob("*.csv")) == [
        f"there_member_a-b-{odd}_add_{time}_0003",
        f"there_member_a-b_add_{time}_0001",
        f"there_member_a-b_add_{time}_0002",
        f"there_member_a-b_remove_{time}_0002",
    ]


def test_a_file_that_is_there_is_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where writing fails, the push ends, nothing that a reader would take is half there, and no part of it stays."""

    def full(connection: object, query: str, file: Path) -> None:
        file.with_name(f"{file.name}.part").write_text("half", encoding="utf-8")
        raise OSError("No space left on device")

    monkeypatch.setattr(files, "write_csv", full)
    with pytest.raises(Refused, match="No space left"):
        send(folder, member(ANN))
    assert list(folder.iterdir()) == []
    monkeypatch.undo()
    send(folder, member(ANN))
    assert state(folder, "7") == {ANN}


def test_a_missing_folder_is_not_made(folder: Path) -> None:
    """A share that is not mounted must not be filled in silence."""
    with pytest.raises(Refused, match="LEAD_SCORING_FILES_FOLDER"):
        send(folder / "missing", member(ANN))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("attribute", ["key", "OP_ID", "=cmd", " score", ""])
def test_an_attribute_that_cannot_be_a_column_is_refused(folder: Path, attribute: str) -> None:
    """A column of ours, or one whose heading a spreadsheet would run. So are two that differ in case only."""
    with pytest.raises(Refused, match=r"destination_fields\.csv"):
        send(folder, operation("contact", ANN, {attribute: 1}))
    with pytest.raises(Refused, match="'score'"):
        send(folder, operation("contact", ANN, {"SCORE": 1, "score": 2}))
    assert list(folder.iterdir()) == []


def test_many_rows_are_quick(folder: Path) -> None:
    """A hundred thousand in seconds, in the order in which they came."""
    people = [operation("contact", f"lead{number}@example.com", {"SCORE": number}) for number in range(100_000)]
    one = provider(folder)
    assert all(verdict.is_accepted for verdict in one.deliver(Batch("there", "contact", "", False, people), NoTransport()))
    with duckdb.connect() as connection:
        scores = [score for (score,) in connection.execute(f"select SCORE from read_parquet('{folder}/*.parquet')").fetchall()]
    assert scores == list(range(100_000))
    assert [int(row["SCORE"]) for row in in_csv(folder)] == scores


def test_contacts_and_events_are_never_removed() -> None:
    """There is no such operation."""
    one = Files({"LEAD_SCORING_FILES_FOLDER": "/"})
    assert [one.limit_of(kind, True) for kind in ("contact", "member", "event", "forget")] == [None, "member", None, "forget"]
    assert [one.limit_of(kind, False) for kind in ("contact", "member", "event", "forget", "other")] == [
        "contact",
        "member",
        "event",
        "forget",
        None,
    ]
