"""What became of every operation: append-only files beside the database, read back into what each provider holds. docs/activation.md has their contract.

A push writes while a build may take an erased person out of the same files: every change of a file happens under one lock, which is held for the moment of the change.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any, Literal

from lead_scoring.activation.operations import Batch, Operation
from lead_scoring.errors import CommandError
from lead_scoring.locks import locked
from lead_scoring.project import shown_path

FOLDER = "LEAD_SCORING_ACTIVATION"
FORGETS = "forgets.jsonl"
IN_FLIGHT = "in_flight.jsonl"
ERASED = "erased.txt"
TIME = "%Y-%m-%dT%H:%M:%S.%fZ"
FILE_TIME = "%Y%m%dT%H%M%S%fZ"
SMALLEST_STEP = timedelta(microseconds=1)

Status = Literal["accepted", "rejected", "attempted"]
Place = tuple[str, str, str, str]
"""Destination, kind, list and key: what a provider holds one state for."""


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one operation: a line of an outcome file."""

    told_at: str
    push_id: str
    destination: str
    kind: str
    list_id: str
    key: str
    lead_id: str
    op: str
    op_id: str
    payload_hash: str
    status: str
    reason: str

    @property
    def place(self) -> Place:
        """What the operation was about."""
        return (self.destination, self.kind, self.list_id, self.key)

    def as_row(self) -> dict[str, str]:
        """As it stands in the file."""
        return dict(zip(Line.__slots__, columns_of(self), strict=True))


columns_of = attrgetter(*Line.__slots__)
values_of = itemgetter(*Line.__slots__)


@dataclass(frozen=True, slots=True)
class Forget:
    """An erased person whom a destination has to delete, and the lists it held them on."""

    destination: str
    key: str
    list_ids: Sequence[str]
    requested_at: str


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A place of which nobody knows what the provider holds: something was sent at departed_at, and never answered or not written down."""

    destination: str
    kind: str
    list_id: str
    key: str
    lead_id: str
    departed_at: str

    @property
    def place(self) -> Place:
        """What was about to change."""
        return (self.destination, self.kind, self.list_id, self.key)


@dataclass
class State:
    """What all outcome files come to."""

    held: dict[Place, Line] = field(default_factory=dict)
    """The last accepted line of each place."""
    accepted: set[str] = field(default_factory=set)
    """The op_id of all that was ever accepted."""
    unanswered: dict[str, Line] = field(default_factory=dict)
    """Events that were attempted and of which nobody knows what became of them, by op_id."""
    rejected: dict[str, Line] = field(default_factory=dict)
    """What was rejected last and not accepted since, by op_id."""
    last_push: dict[str, str] = field(default_factory=dict)
    """When a destination last gave an outcome."""
    told_at: str = ""
    """When anything was told last."""

    def add(self, line: Line) -> None:
        """Let a line, later than all before, count."""
        self.told_at = max(self.told_at, line.told_at)
        self.last_push[line.destination] = max(self.last_push.get(line.destination, ""), line.told_at)
        if line.status == "attempted":
            self.unanswered[line.op_id] = line
            return
        self.unanswered.pop(line.op_id, None)
        if line.status == "rejected":
            self.rejected[line.op_id] = line
            return
        self.rejected.pop(line.op_id, None)
        self.accepted.add(line.op_id)
        self.held[line.place] = line

    def acknowledged(self, destination: str, kind: str, list_id: str = "") -> list[Line]:
        """Who is at a destination (kind ``contact``) or on a list of it (``member``)."""
        return [
            line
            for (its, what, whose, _), line in self.held.items()
            if (its, what, whose) == (destination, kind, list_id) and line.op != "remove"
        ]


# --------------------------------------------------------------------------------------------------------------------
# Where things are
# --------------------------------------------------------------------------------------------------------------------


def folder(database: Path) -> Path:
    """The folder that LEAD_SCORING_ACTIVATION names, or the one beside the database."""
    named = os.environ.get(FOLDER)
    return (
        Path(named).expanduser().absolute()
        if named
        else database.with_name(f"{database.name.removesuffix('.duckdb')}_activation")
    )


def files(database: Path) -> list[Path]:
    """The outcome files, the oldest first."""
    return sorted((folder(database) / "outcomes").glob("*.jsonl"))


def prepare(database: Path) -> Path:
    """Make the folders, which nobody but their owner may enter: they hold addresses."""
    made = folder(database)
    for path in (made, made / "outcomes"):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
    return made


def changing(database: Path) -> AbstractContextManager[None]:
    """Hold the files for the moment of a change."""
    return locked(folder(database) / "files.lock", wait=True)


# --------------------------------------------------------------------------------------------------------------------
# Reading
# --------------------------------------------------------------------------------------------------------------------


def read(database: Path) -> State:
    """The state that all outcome files come to."""
    state = State()
    for path in files(database):
        for row in rows(path):
            state.add(line_of(row, path))
    return state


def line_of(row: Mapping[str, Any], path: Path) -> Line:
    """A row of a file as a line. Raises CommandError (1) when it is none."""
    try:
        return Line(*values_of(row))
    except KeyError as error:
        raise CommandError(f"{shown_path(path)} has a line without {error}.") from error


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file. What a killed process left of its last one is no line. Raises CommandError (1) for any other that is none."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, start=1):
            if not text.endswith("\n"):
                return
            try:
                yield json.loads(text)
            except ValueError as error:
                raise CommandError(f"{shown_path(path)}, line {number}, is no JSON; bring back a copy of the file.") from error


def forgets(database: Path) -> list[Forget]:
    """Who has to be deleted, in the order in which it was asked."""
    return [
        Forget(row["destination"], row["key"], tuple(row["list_ids"]), row["requested_at"])
        for row in rows(folder(database) / FORGETS)
    ]


class ErasedPeople:
    """The lead_ids of whom a build has purged, read again when there are more: a push that runs must not bring anybody back."""

    def __init__(self, database: Path) -> None:
        self.path = folder(database) / ERASED
        self.size = -1
        self.lead_ids: set[str] = set()

    def now(self) -> set[str]:
        """All of them."""
        size = self.path.stat().st_size if self.path.exists() else 0
        if size != self.size:
            self.lead_ids = set(self.path.read_text(encoding="utf-8").split()) if size else set()
            self.size = size
        return self.lead_ids


# --------------------------------------------------------------------------------------------------------------------
# Writing
# --------------------------------------------------------------------------------------------------------------------


def synchronise(path: Path) -> None:
    """Have the disk hold what was written to a file or into a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def append(path: Path, texts: Iterable[str]) -> None:
    """Add lines to a file and have the disk hold them: one write, one wait for the disk."""
    content = "".join(f"{text}\n" for text in texts).encode()
    is_new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        synchronise(path.parent)


def replace(path: Path, texts: Iterable[str]) -> None:
    """Write a file anew: it is there as it was or as it shall be, whatever happens meanwhile. One without lines is removed."""
    lines = list(texts)
    if lines:
        making = path.with_name(f"{path.name}.making")
        making.unlink(missing_ok=True)
        append(making, lines)
        making.replace(path)
    else:
        path.unlink(missing_ok=True)
    synchronise(path.parent)


def as_text(value: Mapping[str, Any]) -> str:
    """A line of JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def mend(database: Path) -> None:
    """Cut off what a killed process left of a last line, so that nothing is written behind it, and remove files that were never put in place."""
    with changing(database):
        for path in [*folder(database).glob("*.making"), *(folder(database) / "outcomes").glob("*.making")]:
            path.unlink()
        for path in [*files(database), *(folder(database) / name for name in (FORGETS, IN_FLIGHT, ERASED))]:
            content = path.read_bytes() if path.exists() else b""
            if content and not content.endswith(b"\n"):
                os.truncate(path, content.rfind(b"\n") + 1)
                synchronise(path)


class Appender:
    """Writes the outcome file of one push. The caller holds the push lock and has mended the files."""

    def __init__(self, database: Path, push_id: str, state: State, now: Callable[[], datetime]) -> None:
        self.database = database
        self.push_id = push_id
        self.state = state
        self.now = now
        self.erased = ErasedPeople(database)
        self.latest = max([state.told_at, *(row["departed_at"] for row in rows(folder(database) / IN_FLIGHT))])
        begun = self.time()
        self.path = folder(database) / "outcomes" / f"{begun.strftime(FILE_TIME)}-{push_id}.jsonl"

    def time(self) -> datetime:
        """Now, and later than all that was told or sent before: a clock that jumps back must not turn the order round."""
        now = self.now()
        if self.latest:
            now = max(now, datetime.strptime(self.latest, TIME).replace(tzinfo=UTC) + SMALLEST_STEP)
        self.latest = now.strftime(TIME)
        return now

    def write(self, outcomes: Sequence[tuple[Operation, Status, str]]) -> None:
        """Have the disk hold what became of operations. Of somebody who was erased meanwhile no line is kept: the destination is asked to forget them."""
        if not outcomes:
            return
        told_at = self.time().strftime(TIME)
        lines = [
            Line(
                told_at, self.push_id, one.destination, one.kind, one.list_id, one.key, one.lead_id, one.op, one.op_id, one.payload_hash, status, reason,
            )
            for one, status, reason in outcomes
        ]  # fmt: skip
        with changing(self.database):
            erased = self.erased.now()
            kept = [line for line in lines if line.lead_id not in erased]
            gone = [line for line in lines if line.lead_id in erased]
            if gone:
                queue(self.database, held_by_destination(gone), told_at)
            if kept:
                append(self.path, (as_text(line.as_row()) for line in kept))
        for line in kept:
            self.state.add(line)

    def depart(self, batch: Batch) -> None:
        """Note who is in a batch of states that is about to go: until its outcome is written down nobody knows what the provider holds of them."""
        row = {
            "departed_at": self.time().strftime(TIME),
            "destination": batch.destination,
            "kind": batch.kind,
            "list_id": batch.list_id,
            "people": [[operation.key, operation.lead_id] for operation in batch.operations],
        }
        with changing(self.database):
            append(folder(self.database) / IN_FLIGHT, [as_text(row)])

    def arrive(self) -> None:
        """Take the last batch that departed out of the note: its outcome is written down."""
        with changing(self.database):
            path = folder(self.database) / IN_FLIGHT
            replace(path, [as_text(row) for row in rows(path)][:-1])


def unsettled(database: Path, state: State) -> list[Unsettled]:
    """Of what places nobody knows what the provider holds: a batch with them went, and no outcome of theirs was written down since. A place comes once."""
    found: dict[Place, Unsettled] = {}
    for row in rows(folder(database) / IN_FLIGHT):
        for key, lead_id in row["people"]:
            one = Unsettled(row["destination"], row["kind"], row["list_id"], key, lead_id, row["departed_at"])
            if not is_settled(one, state):
                found[one.place] = one
    return list(found.values())


def is_settled(one: Unsettled, state: State) -> bool:
    """Whether an outcome was written down after the batch went."""
    held = state.held.get(one.place)
    return held is not None and held.told_at > one.departed_at


def settle(database: Path, state: State) -> None:
    """Take all of whom the outcomes know more by now out of the note of batches that went."""
    with changing(database):
        path = folder(database) / IN_FLIGHT
        left = []
        for row in rows(path):
            people = [
                [key, lead_id]
                for key, lead_id in row["people"]
                if not is_settled(
                    Unsettled(row["destination"], row["kind"], row["list_id"], key, lead_id, row["departed_at"]), state
                )
            ]
            if people:
                left.append(as_text({**row, "people": people}))
        if path.exists():
            replace(path, left)


# --------------------------------------------------------------------------------------------------------------------
# Erased people
# --------------------------------------------------------------------------------------------------------------------


def held_by_destination(lines: Iterable[Line]) -> dict[tuple[str, str], set[str]]:
    """The lists on which a destination holds somebody, by destination and key; without any list where it holds the contact, or may have been told an event about them."""
    last = {
        line.place if line.kind != "event" else (*line.place, line.op_id): line for line in lines if line.status != "rejected"
    }
    held: dict[tuple[str, str], set[str]] = {}
    for line in last.values():
        if line.op != "remove":
            held.setdefault((line.destination, line.key), set()).update({line.list_id} - {""})
    return held


def queue(database: Path, held: Mapping[tuple[str, str], Collection[str]], at: str) -> None:
    """Ask destinations to forget people, by destination and key; those who wait already are not asked for twice. The caller holds the files."""
    waiting = {(one.destination, one.key) for one in forgets(database)}
    added = [
        as_text({"destination": destination, "key": key, "list_ids": sorted(lists), "requested_at": at})
        for (destination, key), lists in sorted(held.items())
        if (destination, key) not in waiting
    ]
    if added:
        append(folder(database) / FORGETS, added)


def forget(database: Path, lead_ids: Collection[str], keys: Collection[str] = ()) -> None:
    """Take every line about people out of all outcome files, and have the destinations that hold them asked to delete them.

    ``lead_ids``: every id that they ever bore; ``keys``: normalised e-mails of theirs that are known otherwise. It can be repeated: a process that was killed in
    between has left the requests, or the lines, or both.
    """
    if not folder(database).exists():
        return
    prepare(database)
    mend(database)
    ids, addresses = set(lead_ids), set(keys)
    with changing(database):
        known = ErasedPeople(database).now()
        if ids - known:
            # First of all: from now on a push that runs writes no line about them and sends none.
            append(folder(database) / ERASED, sorted(ids - known))
        told = {path: list(rows(path)) for path in files(database)}
        in_flight = list(rows(folder(database) / IN_FLIGHT))
        addresses |= {row["key"] for its in told.values() for row in its if row["lead_id"] in ids}
        addresses |= {key for row in in_flight for key, lead_id in row["people"] if lead_id in ids}
        held = held_by_destination(line_of(row, path) for path, its in told.items() for row in its if row["key"] in addresses)
        for row in in_flight:
            for key, _ in row["people"]:
                if key in addresses:
                    held.setdefault((row["destination"], key), set()).update({row["list_id"]} - {""})
        queue(database, held, datetime.now(UTC).strftime(TIME))
        for path, its in told.items():
            left = [row for row in its if row["key"] not in addresses]
            if len(left) < len(its):
                replace(path, map(as_text, left))
        left_in_flight = [
            as_text({**row, "people": [[key, lead_id] for key, lead_id in row["people"] if key not in addresses]})
            for row in in_flight
        ]
        if in_flight:
            replace(folder(database) / IN_FLIGHT, left_in_flight)


def forgotten(database: Path, done: Collection[tuple[str, str]]) -> None:
    """Take keys that a destination has deleted out of the queue, by destination and key: nothing of them is left."""
    with changing(database):
        left = [as_text(asdict(one)) for one in forgets(database) if (one.destination, one.key) not in done]
        replace(folder(database) / FORGETS, left)
