"""What is sent: operations, the batches they go in, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["contact", "member", "event", "forget"]
Op = Literal["add", "update", "remove"]


@dataclass(frozen=True)
class Operation:
    """One row of act_delta, or, with the kind ``forget``, an erased person whom the provider has to delete.

    ``payload`` is by kind: contact: the attributes by the provider's names, values str, int, float, bool, None or list[str];
    event: ``event`` (its name), ``occurred_at`` (ISO time, UTC), ``properties`` (a mapping); else empty.
    """

    destination: str
    kind: Kind
    list_id: str
    key: str
    lead_id: str
    op: Op
    payload: Mapping[str, Any]
    payload_hash: str
    op_id: str
    after_op_id: str | None
    reason: str
    priority: int


@dataclass(frozen=True)
class Batch:
    """Operations of one destination, kind and list, all additions (add, update) or all removals, no more than the provider takes in one request."""

    destination: str
    kind: Kind
    list_id: str
    is_removal: bool
    operations: Sequence[Operation]


@dataclass(frozen=True)
class Verdict:
    """What the provider said of one operation: accepted, or why not."""

    operation: Operation
    is_accepted: bool
    reason: str = ""


@dataclass(frozen=True)
class Limit:
    """A row of provider_limits.csv: what one request of an operation may hold, and how many requests may go in how many seconds."""

    provider: str
    operation: str
    max_records: int
    max_bytes: int | None
    max_requests: int
    per_seconds: float
