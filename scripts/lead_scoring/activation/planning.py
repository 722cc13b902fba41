"""What a push would do: what the newest published version asks for, without what was done since, in batches as large as the provider takes."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from lead_scoring import publishing
from lead_scoring.activation import outcomes
from lead_scoring.activation.operations import Batch, Kind, Limit, Op, Operation
from lead_scoring.activation.outcomes import Forget, State, Unsettled
from lead_scoring.activation.providers import PROVIDERS
from lead_scoring.activation.providers.base import Provider
from lead_scoring.database import READING_ONLY, Database, Row
from lead_scoring.errors import WRONG_USAGE, CommandError, engine_error
from lead_scoring.project import shown_path

TABLES = ("act_delta", "act_suppressions", "act_lists", "act_destinations", "act_provider_limits")
HASH_DIGITS = 12
FORGET_PRIORITY = -1
"""Before everything else."""
OPT_OUT_PRIORITY = 0
REMOVAL_PRIORITY = 1
CONTACT_PRIORITY = 2
ADDITION_PRIORITY = 3
UNANSWERED = "unanswered"
"""The reason of what settles a place of which nobody knows what the provider holds."""
ENVELOPE_BYTES = 1_000
"""What stands in a body around its records."""

DELTA = """
    select destination, provider, kind, list_id, key, lead_id, op, payload, payload_hash, op_id, after_op_id, reason, priority
    from marts.act_delta
    order by destination, priority, kind, list_id, key, op_id
"""


@dataclass(frozen=True)
class Published:
    """What the sender reads of a published version."""

    version: str
    delta: Mapping[str, Sequence[Operation]]
    """The rows of act_delta by destination, in the order of sending."""
    suppressions: Mapping[str, str]
    """What suppresses a key."""
    lists: Sequence[Row]
    destinations: Mapping[str, Row]
    limits: Mapping[str, Mapping[str, Limit]]
    """The limits by provider and operation."""


@dataclass
class DestinationPlan:
    """What a push would do at one destination."""

    destination: str
    provider: str
    is_on: bool
    is_first: bool
    """Whether nothing was ever told by this destination."""
    batches: list[Batch]
    """In the order of sending."""
    lists: Sequence[Row]
    row: Row | None
    """Its row of act_destinations; none where only people to forget are left of it."""
    stale: int = 0
    """Operations that rest on another state than what the provider holds; they wait for the next build."""
    suppressed: Mapping[str, int] = field(default_factory=dict)
    """Operations that were left out for a suppression, by its name."""
    unanswered: int = 0
    """Events that were sent and not answered, and that this provider would count twice."""
    unsettled: Sequence[Operation] = ()
    """Contacts whose attributes nobody knows: once this is written down the next build sends them again."""
    not_taken: Mapping[str, int] = field(default_factory=dict)
    """Operations of kinds that the provider does not know."""

    @property
    def operations(self) -> list[Operation]:
        """All operations, in the order of sending."""
        return [operation for batch in self.batches for operation in batch.operations]

    def counts(self) -> Counter[tuple[str, str, str]]:
        """How many operations there are by kind, list and op."""
        return Counter((operation.kind, operation.list_id, operation.op) for operation in self.operations)


@dataclass(frozen=True)
class Plan:
    """What a push would do: every destination that was asked for."""

    version: str
    destinations: Sequence[DestinationPlan]

    @property
    def plan_hash(self) -> str:
        """The start of a SHA-256 over the operations: what is confirmed by it is what is sent."""
        ids = sorted(operation.op_id for one in self.destinations for operation in one.operations)
        return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:HASH_DIGITS]

    @property
    def size(self) -> int:
        """How many operations there are."""
        return sum(len(batch.operations) for one in self.destinations for batch in one.batches)


# --------------------------------------------------------------------------------------------------------------------
# Reading what is published
# --------------------------------------------------------------------------------------------------------------------


@contextmanager
def opened(version: Path) -> Iterator[Database]:
    """A published version, by its folder, for reading. Raises CommandError where it has not what the sender reads."""
    path = version / publishing.DATABASE
    try:
        connection = duckdb.connect(str(path), read_only=True, config=READING_ONLY)
    except duckdb.Error as error:
        raise engine_error(str(error), shown_path(path)) or CommandError(
            f"{shown_path(path)} cannot be opened: {error}"
        ) from error
    try:
        database = Database(connection, path)
        if not database.has(*(f"marts.{name}" for name in TABLES)):
            raise CommandError(f"{shown_path(path)} was published without activation. Run `make build`.")
        yield database
    finally:
        connection.close()


def read(folder: Path, suppressions: Suppressions) -> Published:
    """Read what readers see now. Raises CommandError where nothing is published."""
    suppressed = suppressions.now()
    with opened(folder / "current") as database:
        version = str(database.rows("select version from publication.run")[0]["version"])
        delta: dict[str, list[Operation]] = {}
        for row in database.rows(DELTA):
            delta.setdefault(row["destination"], []).append(operation_of(row))
        limits: dict[str, dict[str, Limit]] = {}
        for row in database.rows(
            "select provider, operation, max_records, max_bytes, max_requests, per_seconds from marts.act_provider_limits"
        ):
            limit = Limit(
                row["provider"], row["operation"], int(row["max_records"]), row["max_bytes"], int(row["max_requests"]), float(row["per_seconds"])
            )  # fmt: skip
            limits.setdefault(limit.provider, {})[limit.operation] = limit
        return Published(
            version,
            delta,
            suppressed,
            database.rows("select * from marts.act_lists order by destination, list_id"),
            {row["destination"]: row for row in database.rows("select * from marts.act_destinations order by destination")},
            limits,
        )


class Suppressions:
    """Who must not be written to, by what is published now. What a push has once seen suppressed stays so until it ends."""

    def __init__(self, folder: Path) -> None:
        """``folder``: that of the published versions."""
        self.folder = folder
        self.seen: tuple[str, ...] = ()
        self.keys: dict[str, str] = {}

    def now(self) -> Mapping[str, str]:
        """What suppresses each key. Costs a look at the folder unless something was published since. Raises CommandError where nothing is published."""
        names = self.versions()
        if names != self.seen:
            for name in names:
                with opened(self.folder / "versions" / name) as database:
                    found = database.rows("select key, min(suppression) as suppression from marts.act_suppressions group by key")
                self.keys.update((row["key"], row["suppression"]) for row in found)
            self.seen = names
        return self.keys

    def versions(self) -> tuple[str, ...]:
        """The version that readers see and, after a rollback, the newest one too: who opted out since stays out."""
        link = self.folder / "current"
        if not link.is_symlink():
            raise CommandError(
                f"Nothing was published yet in {shown_path(self.folder)}, so there is nothing to send. Run `make build`."
            )
        kept = [path.name for path in (self.folder / "versions").iterdir() if publishing.VERSION.fullmatch(path.name)]
        return tuple(sorted({link.readlink().name, max(kept, default=link.readlink().name)}))


def operation_of(row: Row) -> Operation:
    """A row of act_delta."""
    return Operation(
        row["destination"], row["kind"], row["list_id"] or "", row["key"], row["lead_id"], row["op"], json.loads(row["payload"]), row["payload_hash"],
        row["op_id"], row["after_op_id"], row["reason"], int(row["priority"]),
    )  # fmt: skip


def forgetting(one: Forget) -> Operation:
    """The operation by which a destination deletes an erased person."""
    op_id = hashlib.md5(f"forget\n{one.destination}\n{one.key}".encode(), usedforsecurity=False).hexdigest()
    payload = {"list_ids": list(one.list_ids)}
    return Operation(one.destination, "forget", "", one.key, "", "remove", payload, "", op_id, None, "erased", FORGET_PRIORITY)


def settling(one: Unsettled, state: State, suppressions: Mapping[str, str], modes: Mapping[str, str]) -> Operation | None:
    """The operation that makes a provider hold what the outcomes say it does; none where there is nothing to do.

    Without it somebody who was added, unanswered, and is wanted no more would stay on the list for ever: the difference does not know of them. ``modes``: those of the
    destination's lists.
    """
    held = state.held.get(one.place)
    is_there = held is not None and held.op != "remove"
    is_suppressed = one.key in suppressions
    op_id = hashlib.md5("\n".join(("settle", *one.place, one.departed_at)).encode(), usedforsecurity=False).hexdigest()
    after_op_id = held.op_id if held else None

    def operation(kind: Kind, op: Op, priority: int) -> Operation:
        return Operation(
            one.destination, kind, one.list_id, one.key, one.lead_id, op, {}, "", op_id, after_op_id, UNANSWERED, priority
        )

    if one.kind == "contact":
        return operation("contact", "update", CONTACT_PRIORITY)
    if one.list_id not in modes:
        return None
    if is_there:
        return None if is_suppressed else operation("member", "add", ADDITION_PRIORITY)
    if is_suppressed:
        return operation("member", "remove", OPT_OUT_PRIORITY)
    return None if modes[one.list_id] == "upsert" else operation("member", "remove", REMOVAL_PRIORITY)


# --------------------------------------------------------------------------------------------------------------------
# Planning
# --------------------------------------------------------------------------------------------------------------------


def plan(
    published: Published,
    state: State,
    forgets: Sequence[Forget],
    erased: Collection[str],
    unsettled: Sequence[Unsettled],
    asked_for: Sequence[str],
) -> Plan:
    """Plan a push to the destinations asked for, to all where none is named. Raises CommandError (2) for one that there is not."""
    known = {**{one.destination: None for one in forgets}, **published.destinations}
    for name in asked_for:
        if name not in known:
            raise CommandError(
                f"There is no destination {name}; there is {', '.join(sorted(known)) or 'none'}. They stand in seeds/destinations.csv.",
                WRONG_USAGE,
            )
    chosen = [name for name in sorted(known) if not asked_for or name in asked_for]
    return Plan(published.version, [plan_destination(name, published, state, forgets, erased, unsettled) for name in chosen])


def plan_destination(
    name: str,
    published: Published,
    state: State,
    forgets: Sequence[Forget],
    erased: Collection[str],
    unsettled: Sequence[Unsettled],
) -> DestinationPlan:
    """Plan one destination. Of one that is off, or that the seeds no longer name, nothing goes."""
    row = published.destinations.get(name)
    lists = [one for one in published.lists if one["destination"] == name]
    result = DestinationPlan(
        name, row["provider"] if row else "", bool(row and row["is_on"]), name not in state.last_push, [], lists, row
    )
    if not result.is_on:
        return result
    kind = provider_class(result.provider, name)
    provider = kind(dict(os.environ))
    suppressed: Counter[str] = Counter()
    not_taken: Counter[str] = Counter()
    kept = [forgetting(one) for one in forgets if one.destination == name]
    # Of what is sent now, or waits for the next build, nothing has to be settled.
    settled: set[outcomes.Place] = set()
    for operation in published.delta.get(name, ()):
        if operation.op_id in state.accepted or operation.lead_id in erased:
            continue
        if operation.op != "remove" and operation.key in published.suppressions:
            suppressed[published.suppressions[operation.key]] += 1
        elif operation.kind == "event" and operation.op_id in state.unanswered and not kind.drops_repeated_events:
            result.unanswered += 1
        elif operation.kind != "event" and operation.after_op_id != last_op_id(operation, state):
            result.stale += 1
            settled.add((operation.destination, operation.kind, operation.list_id, operation.key))
        else:
            kept.append(operation)
            settled.add((operation.destination, operation.kind, operation.list_id, operation.key))
    modes = {one["list_id"]: one["mode"] for one in lists}
    left = [one for one in unsettled if one.destination == name and one.place not in settled and one.lead_id not in erased]
    found = [settling(one, state, published.suppressions, modes) for one in left]
    kept += [one for one in found if one and one.kind == "member"]
    result.unsettled = [one for one in found if one and one.kind == "contact"]
    taken = []
    limits = published.limits.get(result.provider, {})
    for operation in kept:
        limit = provider.limit_of(operation.kind, operation.op == "remove")
        if limit is None or limit not in limits:
            not_taken[operation.kind] += 1
        else:
            taken.append(operation)
    result.batches = list(batches_of(taken, provider, limits))
    result.suppressed, result.not_taken = suppressed, not_taken
    return result


def provider_class(name: str, destination: str) -> type[Provider]:
    """The class of a provider. Raises CommandError (2) for one that there is not."""
    if name not in PROVIDERS:
        raise CommandError(f"{destination} is at {name}, which we cannot send to; there is {', '.join(PROVIDERS)}.", WRONG_USAGE)
    return PROVIDERS[name]


def last_op_id(operation: Operation, state: State) -> str | None:
    """The operation that the provider accepted last for the same thing."""
    held = state.held.get((operation.destination, operation.kind, operation.list_id, operation.key))
    return held.op_id if held else None


def batches_of(operations: Sequence[Operation], provider: Provider, limits: Mapping[str, Limit]) -> Iterator[Batch]:
    """Operations of one destination in the order of sending, in as few batches as the limits allow."""

    def together(operation: Operation) -> tuple[int, str, str, bool]:
        return (operation.priority, operation.kind, operation.list_id, operation.op == "remove")

    for (_, kind, list_id, is_removal), group in groupby(sorted(operations, key=together), key=together):
        limit = limits[str(provider.limit_of(kind, is_removal))]
        records: list[Operation] = []
        size = ENVELOPE_BYTES
        for operation in group:
            added = record_bytes(provider.record_of(operation)) if limit.max_bytes else 0
            if records and (len(records) == limit.max_records or (limit.max_bytes and size + added > limit.max_bytes)):
                yield Batch(operation.destination, records[0].kind, list_id, is_removal, tuple(records))
                records, size = [], ENVELOPE_BYTES
            records.append(operation)
            size += added
        yield Batch(records[0].destination, records[0].kind, list_id, is_removal, tuple(records))


def record_bytes(record: Any) -> int:
    """How much of a body a record takes, with the comma behind it."""
    return len(json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=str).encode()) + 1


def make(
    database: Path, asked_for: Sequence[str] = (), suppressions: Suppressions | None = None
) -> tuple[Plan, Published, State]:
    """Read all there is and plan a push; with it what was read."""
    folder = publishing.published_folder(database)
    published = read(folder, suppressions or Suppressions(folder))
    state = outcomes.read(database)
    erased = outcomes.ErasedPeople(database).now()
    unsettled = outcomes.unsettled(database, state)
    return plan(published, state, outcomes.forgets(database), erased, unsettled, asked_for), published, state
