"""A push: batch by batch, each looked at once more right before it goes, and what became of it on disk before the next one.

Contacts and lists are states: who is in a batch is noted before it goes, and what was not answered is settled by the next push. Events are not: each is written down as ``attempted`` first.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from lead_scoring import publishing
from lead_scoring.activation import brakes, outcomes, planning
from lead_scoring.activation.operations import Batch, Operation, Verdict
from lead_scoring.activation.outcomes import Appender, Status
from lead_scoring.activation.planning import DestinationPlan, Plan, Published, Suppressions
from lead_scoring.activation.providers.base import Provider, Refused, Unanswered
from lead_scoring.activation.transport import Clock, HttpTransport
from lead_scoring.errors import DATA_WRONG, GUARDED, WRONG_USAGE, CommandError
from lead_scoring.locks import locked
from lead_scoring.project import shown_path

ERASED = "erased"
UNANSWERED_IN_A_ROW = 3
"""After so many a destination is left alone: it is down."""

Update = Callable[[int, int, str], None]
"""Told of progress: batches done, batches in all, and where."""


@dataclass
class Sent:
    """What came of a push at one destination."""

    plan: DestinationPlan
    stops: Sequence[str] = ()
    """What the brakes said; then only opt-outs and erasures went."""
    counts: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    """Operations by kind, list, op and what became of them: accepted, rejected, unanswered, held (by a brake), unsent."""
    rejected: list[tuple[Operation, str]] = field(default_factory=list)
    suppressed: Counter[str] = field(default_factory=Counter)
    """Operations that were left out after the plan was made, by the suppression."""
    refused: str = ""
    """Why the destination's push ended early."""
    unanswered: str = ""
    """What was heard of the last batch without an answer."""
    requests: int = 0

    def count(self, operations: Sequence[Operation], status: str) -> None:
        """Count what became of operations."""
        for operation in operations:
            self.counts[operation.kind, operation.list_id, operation.op, status] += 1

    def of(self, status: str) -> int:
        """How many operations became that."""
        return sum(count for (*_, its), count in self.counts.items() if its == status)


@dataclass
class Push:
    """What came of a push."""

    plan: Plan
    push_id: str
    sent: list[Sent]
    stopped: str = ""
    """Why it stopped before its end: the kill switch, or a hash that is not that of the plan."""

    @property
    def exit_code(self) -> int:
        """3 where a brake held something, else 1 where a destination refused or did not answer, else 0."""
        if self.stopped or any(one.stops for one in self.sent):
            return GUARDED
        if any(one.refused or one.of("unanswered") for one in self.sent):
            return DATA_WRONG
        return 0


def push_locked(database: Path) -> AbstractContextManager[None]:
    """Hold the destinations against other pushes (exit code 5)."""
    return locked(outcomes.prepare(database) / "push.lock", what=shown_path(outcomes.folder(database)), doing="pushed from")


def push(
    database: Path,
    environment: Mapping[str, str],
    asked_for: Sequence[str] = (),
    confirmed: str | None = None,
    clock: Clock | None = None,
    update: Update = lambda done, total, name: None,
) -> Push:
    """Plan and send. Raises CommandError: nothing to send from (1), an unknown destination or no secret for one (2), the kill switch before anything went (3), another push at work (5)."""
    clock = clock or Clock()
    suppressions = Suppressions(publishing.published_folder(database))
    suppressions.now()
    with push_locked(database):
        switch = brakes.kill_switch(database, environment)
        if switch:
            raise CommandError(switch, GUARDED)
        outcomes.mend(database)
        plan, published, state = planning.make(database, asked_for, suppressions)
        outcomes.settle(database, state)
        providers = providers_of(plan, environment)
        is_other = confirmed is not None and confirmed != plan.plan_hash
        result = Push(plan, secrets.token_hex(4), [])
        if is_other:
            result.stopped = (
                f"{confirmed} is not the hash of what would be sent now: that is {plan.plan_hash}. Look at the plan again."
            )
        appender = Appender(database, result.push_id, state, clock.now)
        session = Session(
            database,
            environment,
            published,
            suppressions,
            appender,
            clock,
            update,
            sum(len(one.batches) for one in plan.destinations),
        )
        for one in plan.destinations:
            appender.write([(operation, "accepted", planning.UNANSWERED) for operation in one.unsettled])
            sent = Sent(one, [] if confirmed == plan.plan_hash else brakes.stops(one))
            result.sent.append(sent)
            switch = session.send(sent, providers.get(one.destination), is_held=bool(sent.stops) or is_other)
            if switch:
                result.stopped = switch
                break
        return result


def providers_of(plan: Plan, environment: Mapping[str, str]) -> dict[str, Provider]:
    """The provider of each destination for which there is something to send. Raises CommandError (2) naming the variable that is missing."""
    found = {}
    for one in plan.destinations:
        if one.batches:
            kind = planning.provider_class(one.provider, one.destination)
            missing = [name for name in kind.secrets if not environment.get(name)]
            if missing:
                raise CommandError(
                    f"{one.destination} needs the environment variable {' and '.join(missing)}.", WRONG_USAGE, missing=missing
                )
            found[one.destination] = kind(environment)
    return found


@dataclass
class Session:
    """What sending needs to know, for all destinations of a push."""

    database: Path
    environment: Mapping[str, str]
    published: Published
    suppressions: Suppressions
    appender: Appender
    clock: Clock
    update: Update
    batches: int
    batches_done: int = 0

    def send(self, sent: Sent, provider: Provider | None, is_held: bool) -> str:
        """Send what a destination's plan has; only opt-outs and erasures where it is held. Gives why the whole push has to stop, or nothing."""
        if provider is None:
            return ""
        silent = 0
        switch = ""
        with HttpTransport(provider, self.published.limits[sent.plan.provider], self.clock) as transport:
            for batch in sent.plan.batches:
                self.update(self.batches_done, self.batches, sent.plan.destination)
                self.batches_done += 1
                switch = switch or brakes.kill_switch(self.database, self.environment)
                if switch or sent.refused:
                    sent.count(batch.operations, "unsent")
                elif is_held and not brakes.is_free(batch):
                    sent.count(batch.operations, "held")
                else:
                    try:
                        self.deliver(batch, provider, transport, sent)
                        silent = 0
                    except Unanswered as error:
                        silent += 1
                        sent.unanswered = str(error)
                        if silent == UNANSWERED_IN_A_ROW:
                            sent.refused = f"{error} It is left alone until the next push."
                    except Refused as error:
                        sent.refused = str(error)
            sent.requests = transport.requests_sent
        return switch

    def deliver(self, batch: Batch, provider: Provider, transport: HttpTransport, sent: Sent) -> None:
        """Send what may still go of a batch and write down what became of it. Raises Refused and Unanswered as the provider does, with all that is known written down."""
        batch = self.allowed(batch, sent)
        if not batch.operations:
            return
        is_event = batch.kind == "event"
        is_state = batch.kind in ("contact", "member")
        if is_event:
            self.appender.write([(operation, "attempted", "") for operation in batch.operations])
        if is_state:
            self.appender.depart(batch)
        try:
            verdicts = provider.deliver(batch, transport)
        except Unanswered:
            sent.count(batch.operations, "unanswered")
            raise
        except Refused as error:
            sent.count(batch.operations, "unsent")
            if is_event:
                # None of them was told: they may go again.
                self.appender.write([(operation, "rejected", str(error)) for operation in batch.operations])
            raise
        self.write(batch, verdicts, sent)
        if is_state:
            self.appender.arrive()

    def allowed(self, batch: Batch, sent: Sent) -> Batch:
        """A batch without those who opted out or were erased since the plan was made."""
        if batch.is_removal:
            return batch
        suppressed, erased = self.suppressions.now(), self.appender.erased.now()
        kept = []
        for operation in batch.operations:
            if operation.key in suppressed or operation.lead_id in erased:
                sent.suppressed[suppressed.get(operation.key, ERASED)] += 1
            else:
                kept.append(operation)
        return replace(batch, operations=tuple(kept))

    def write(self, batch: Batch, verdicts: Sequence[Verdict], sent: Sent) -> None:
        """Write down what a provider said of a batch. Of erased people nothing is written: their key leaves the queue, and then stands nowhere."""
        for verdict in verdicts:
            status: Status = "accepted" if verdict.is_accepted else "rejected"
            sent.count([verdict.operation], status)
            if not verdict.is_accepted:
                sent.rejected.append((verdict.operation, verdict.reason))
        if batch.kind == "forget":
            outcomes.forgotten(
                self.database, {(batch.destination, verdict.operation.key) for verdict in verdicts if verdict.is_accepted}
            )
            return
        self.appender.write([
            (verdict.operation, "accepted" if verdict.is_accepted else "rejected", verdict.reason) for verdict in verdicts
        ])  # fmt: skip
