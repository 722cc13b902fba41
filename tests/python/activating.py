"""What the tests of activation share: operations, a clock that does not sleep, and published versions as a build would make them.

    world = World(tmp_path)                          # a database's place, with nothing published
    world.destinations["brevo"] = Destination("brevo", "brevo")
    world.lists.append(ProviderList("brevo", "7"))
    world.contacts["brevo", "ann@example.com"] = {"SCORE": 73}
    world.members.add(("brevo", "7", "ann@example.com"))
    world.publish()                                  # computes act_delta from what the outcome files acknowledge
    result = world.activate("push", "--to", "brevo", "--confirm", world.plan_hash())

A provider alone is tried with ``delivered(Brevo, batch, url, environment)``.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pyarrow as pa
from conftest import REPOSITORY, clean_environment
from lead_scoring import publishing
from lead_scoring.activation import outcomes, planning
from lead_scoring.activation.operations import Batch, Limit, Operation, Verdict
from lead_scoring.activation.providers.base import Provider
from lead_scoring.activation.transport import Clock, HttpTransport

MAIN = REPOSITORY / "scripts" / "lead_scoring"
LIMITS_FILE = REPOSITORY / "seeds" / "provider_limits.csv"
START = datetime(2026, 3, 10, 6, tzinfo=UTC)


class FakeClock:
    """Time that goes by only when somebody sleeps, and a millisecond whenever it is read."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []
        self.lock = threading.Lock()

    def monotonic(self) -> float:
        """Seconds since this clock began."""
        with self.lock:
            self.seconds += 0.001
            return self.seconds

    def sleep(self, seconds: float) -> None:
        """Be later, at once."""
        with self.lock:
            self.slept.append(seconds)
            self.seconds += seconds

    def now(self) -> datetime:
        """The time of day."""
        return START + timedelta(seconds=self.monotonic())

    @property
    def clock(self) -> Clock:
        """As the transport takes it."""
        return Clock(self.monotonic, self.sleep, self.now)


# --------------------------------------------------------------------------------------------------------------------
# One provider alone
# --------------------------------------------------------------------------------------------------------------------


def limit_rows() -> list[dict[str, str]]:
    """The rows of seeds/provider_limits.csv."""
    with LIMITS_FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def limits_of(provider: str) -> dict[str, Limit]:
    """The limits of a provider by operation, as the seed has them."""
    return {
        row["operation"]: Limit(
            provider, row["operation"], int(row["max_records"]), int(row["max_bytes"]) if row["max_bytes"] else None, int(row["max_requests"]), float(row["per_seconds"])
        )
        for row in limit_rows()
        if row["provider"] == provider
    }  # fmt: skip


def md5(*parts: object) -> str:
    """A hash as the SQL makes it, of parts set apart."""
    return hashlib.md5(
        "\x1f".join("" if part is None else str(part) for part in parts).encode(), usedforsecurity=False
    ).hexdigest()


def lead_id_of(key: str) -> str:
    """The lead that an address is of."""
    return md5("lead", key)


def operation(
    kind: str, key: str, payload: Mapping[str, Any] | None = None, *, destination: str = "there", list_id: str = "", op: str = "add", after_op_id: str | None = None,
    reason: str = "new", priority: int | None = None, lead_id: str | None = None,
) -> Operation:  # fmt: skip
    """An operation as act_delta has it."""
    body = json.dumps(payload or {}, sort_keys=True)
    if priority is None:
        priority = {"contact": 2, "event": 4}.get(kind, 1 if op == "remove" else 3)
    op_id = md5(destination, kind, list_id, key, op, md5(body), after_op_id)
    return Operation(
        destination, kind, list_id, key, lead_id or lead_id_of(key), op, payload or {}, md5(body), op_id, after_op_id, reason, priority
    )  # type: ignore[arg-type]  # fmt: skip


def batch(*operations: Operation) -> Batch:
    """Operations of one kind and list as one batch."""
    first = operations[0]
    return Batch(first.destination, first.kind, first.list_id, first.op == "remove", operations)


@contextmanager
def transport_to(
    kind: type[Provider], url: str, environment: Mapping[str, str], clock: FakeClock | None = None
) -> Iterator[tuple[Provider, HttpTransport]]:
    """A provider and its transport to a fake's URL, on a clock that does not sleep."""
    provider = kind({**environment, f"LEAD_SCORING_{kind.name.upper()}_URL": url})
    with HttpTransport(provider, limits_of(kind.name), (clock or FakeClock()).clock) as transport:
        yield provider, transport


def delivered(
    kind: type[Provider], what: Batch, url: str, environment: Mapping[str, str], clock: FakeClock | None = None
) -> Sequence[Verdict]:
    """The verdicts on a batch that is delivered to a fake's URL, checked to be one for each operation, in their order."""
    with transport_to(kind, url, environment, clock) as (provider, transport):
        verdicts = list(provider.deliver(what, transport))
    assert [verdict.operation for verdict in verdicts] == list(what.operations), "a verdict for every operation, in their order"
    return verdicts


# --------------------------------------------------------------------------------------------------------------------
# A published version
# --------------------------------------------------------------------------------------------------------------------


@dataclass
class Destination:
    """A row of destinations.csv."""

    name: str
    provider: str
    contacts: str = "listed"
    is_on: bool = True
    max_share: float = 0.3
    max_changes: int = 1_000_000


@dataclass
class ProviderList:
    """A row of destination_lists.csv."""

    destination: str
    list_id: str
    source: str = "hot"
    mode: str = "mirror"
    max_share: float = 0.3
    max_changes: int = 1_000_000
    source_members: int | None = None


@dataclass(frozen=True)
class Event:
    """An action that goes to a destination."""

    destination: str
    key: str
    transition: str
    event: str = "segment_entered"
    occurred_at: str = "2026-03-10T00:00:00Z"
    properties: Mapping[str, Any] = field(default_factory=dict)


DELTA = "destination varchar, provider varchar, kind varchar, list_id varchar, key varchar, lead_id varchar, op varchar, payload varchar, payload_hash varchar, op_id varchar, after_op_id varchar, reason varchar, priority integer"
SUPPRESSIONS = "key varchar, suppression varchar"
LISTS = "destination varchar, provider varchar, list_id varchar, source varchar, name varchar, mode varchar, desired_members bigint, acknowledged_members bigint, source_members bigint, additions bigint, removals bigint, max_share double, max_changes bigint"
DESTINATIONS = "destination varchar, provider varchar, contacts varchar, is_on boolean, max_share double, max_changes bigint, contact_changes bigint, acknowledged_contacts bigint"
LIMITS = "provider varchar, operation varchar, max_records bigint, max_bytes bigint, max_requests bigint, per_seconds double, source varchar"


class World:
    """A place where a build publishes and the sender reads. What should be where is given as plain data; ``publish`` makes a version of it."""

    def __init__(self, folder: Path, **environment: str) -> None:
        """``environment``: the keys of the providers and where their fakes are."""
        self.folder = folder
        self.database = folder / "lead_scoring.duckdb"
        self.environment = {"LEAD_SCORING_DB": str(self.database), **environment}
        self.destinations: dict[str, Destination] = {}
        self.lists: list[ProviderList] = []
        self.contacts: dict[tuple[str, str], Mapping[str, Any]] = {}
        """The attributes by destination and key."""
        self.members: set[tuple[str, str, str]] = set()
        """Destination, list_id, key."""
        self.events: list[Event] = []
        self.suppressed: dict[str, str] = {}
        """What suppresses a key."""
        self.limits: dict[tuple[str, str], dict[str, Any]] = {}
        """Other limits than the seed's, by provider and operation: {"max_records": 5}."""
        self.number = 0

    @property
    def activation(self) -> Path:
        """The folder with the outcomes."""
        return outcomes.folder(self.database)

    @property
    def state(self) -> outcomes.State:
        """What the outcome files come to."""
        return outcomes.read(self.database)

    def delta(self, state: outcomes.State | None = None) -> list[tuple[Any, ...]]:
        """The rows of act_delta, as docs/activation.md has them."""
        state = state or self.state
        found: list[tuple[Any, ...]] = []

        def add(
            destination: str,
            kind: str,
            list_id: str,
            key: str,
            op: str,
            payload: Mapping[str, Any],
            reason: str,
            priority: int,
            op_id: str = "",
        ) -> None:
            held = state.held.get((destination, kind, list_id, key))
            after = held.op_id if held and kind != "event" else None
            text = json.dumps(payload, sort_keys=True, ensure_ascii=False)
            found.append((
                destination, self.destinations[destination].provider, kind, list_id, key, lead_id_of(key), op, text, md5(text),
                op_id or md5(destination, kind, list_id, key, op, md5(text), after), after, reason, priority,
            ))  # fmt: skip

        for (destination, key), payload in sorted(self.contacts.items()):
            held = state.held.get((destination, "contact", "", key))
            text = json.dumps(payload, sort_keys=True, ensure_ascii=False)
            if key not in self.suppressed and (held is None or held.payload_hash != md5(text)):
                add(destination, "contact", "", key, "update" if held else "add", payload, "changed" if held else "new", 2)
        for one in self.lists:
            wanted = {
                key for destination, list_id, key in self.members if (destination, list_id) == (one.destination, one.list_id)
            } - set(self.suppressed)
            there = {line.key for line in state.acknowledged(one.destination, "member", one.list_id)}
            for key in sorted(wanted - there):
                add(one.destination, "member", one.list_id, key, "add", {}, "new", 3)
            for key in sorted(there - wanted):
                if key in self.suppressed:
                    add(one.destination, "member", one.list_id, key, "remove", {}, self.suppressed[key], 0)
                elif one.mode != "upsert":
                    add(one.destination, "member", one.list_id, key, "remove", {}, "left", 1)
        for event in self.events:
            op_id = md5(event.destination, event.key, event.transition)
            if event.key not in self.suppressed and op_id not in state.accepted:
                payload = {"event": event.event, "occurred_at": event.occurred_at, "properties": dict(event.properties)}
                add(event.destination, "event", "", event.key, "add", payload, "transition", 4, op_id)
        return found

    def publish(self) -> None:
        """Publish a version of what should be where."""
        self.number += 1
        folder = publishing.published_folder(self.database)
        name = f"{self.number:06d}-2026-03-10-{md5(self.number)[:8]}"
        version = folder / "versions" / name
        version.mkdir(parents=True)
        state = self.state
        delta = self.delta(state)
        with duckdb.connect(str(version / publishing.DATABASE)) as connection:
            connection.execute("create schema marts; create schema publication")
            connection.execute(
                "create table publication.run (version varchar, run_id varchar, as_of_date date, grid_version varchar, published_at timestamp)"
            )
            connection.execute(
                "insert into publication.run values (?, ?, date '2026-03-10', 'grid', timestamp '2026-03-10 06:00:00')",
                [name, name],
            )
            fill(connection, "act_delta", DELTA, delta)
            fill(connection, "act_suppressions", SUPPRESSIONS, sorted(self.suppressed.items()))
            lists = []
            for one in self.lists:
                its = [row for row in delta if (row[0], row[2], row[3]) == (one.destination, "member", one.list_id)]
                wanted = {
                    key for destination, list_id, key in self.members if (destination, list_id) == (one.destination, one.list_id)
                } - set(self.suppressed)
                lists.append((
                    one.destination, self.destinations[one.destination].provider, one.list_id, one.source, f"List {one.list_id}", one.mode, len(wanted),
                    len(state.acknowledged(one.destination, "member", one.list_id)), len(wanted) if one.source_members is None else one.source_members,
                    sum(row[6] == "add" for row in its), sum(row[6] == "remove" and row[12] == 1 for row in its), one.max_share, one.max_changes,
                ))  # fmt: skip
            fill(connection, "act_lists", LISTS, lists)
            fill(connection, "act_destinations", DESTINATIONS, [
                (
                    one.name, one.provider, one.contacts, one.is_on, one.max_share, one.max_changes,
                    sum((row[0], row[2]) == (one.name, "contact") for row in delta), len(state.acknowledged(one.name, "contact")),
                )
                for one in self.destinations.values()
            ])  # fmt: skip
            fill(connection, "act_provider_limits", LIMITS, [
                tuple({**row, "max_bytes": row["max_bytes"] or None, **{name: str(value) for name, value in self.limits.get((row["provider"], row["operation"]), {}).items()}}.values()) for row in limit_rows()
            ])  # fmt: skip
        manifest = {
            "version": name,
            "run_id": name,
            "as_of_date": "2026-03-10",
            "published_at": "2026-03-10T06:00:00",
            "files": {},
            "tables": {"dim_leads": len(self.contacts)},
        }
        (version / publishing.MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        publishing.point_to(folder, version)

    def acknowledge(self) -> None:
        """Write an outcome file by which all that is wanted was accepted, without sending it."""
        with self.here():
            outcomes.prepare(self.database)
            state = self.state
            appender = outcomes.Appender(self.database, "before", state, lambda: START - timedelta(days=1))
            appender.write([(operation_of_row(row), "accepted", "") for row in self.delta(state)])

    # ----------------------------------------------------------------------------------------------------------------
    # Running the sender
    # ----------------------------------------------------------------------------------------------------------------

    def activate(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `activate` as a user does, in a process of its own."""
        return subprocess.run(
            [sys.executable, str(MAIN), "activate", *arguments],
            cwd=self.folder,
            env=clean_environment({**self.environment, **environment}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
        )

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start `activate` in a process of its own, to be killed."""
        return subprocess.Popen(
            [sys.executable, str(MAIN), "activate", *arguments],
            cwd=self.folder,
            env=clean_environment({**self.environment, **environment}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    @contextmanager
    def here(self) -> Iterator[None]:
        """The environment of this world in this process."""
        with patch.dict(os.environ, clean_environment(self.environment), clear=True):
            yield


def operation_of_row(row: tuple[Any, ...]) -> Operation:
    """A row of act_delta, as ``World.delta`` gives it."""
    return planning.operation_of(dict(zip((column.split()[0] for column in DELTA.split(", ")), row, strict=True)))


def fill(connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Make a mart of rows, of a hundred thousand too in no time."""
    connection.execute(f"create table marts.{name} ({columns})")
    if rows:
        names = [column.split()[0] for column in columns.split(", ")]
        table = pa.table({title: list(column) for title, column in zip(names, zip(*rows, strict=True), strict=True)})
        connection.register("filled", table)
        connection.execute(f"insert into marts.{name} select * from filled")
        connection.unregister("filled")
