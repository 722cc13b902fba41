"""What stops a push: each brake looks at the plan of one destination and says in sentences what is wrong. No sentence, no brake.

Opt-outs and erasures are no change that a brake counts, and go even where one stops the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lead_scoring.activation import outcomes
from lead_scoring.activation.operations import Batch
from lead_scoring.activation.planning import OPT_OUT_PRIORITY, DestinationPlan
from lead_scoring.project import shown_path

STOP_FILE = "STOP"
STOP = "LEAD_SCORING_STOP_ACTIVATION"
SMALLEST_COUNTED = 50
"""Of a list with fewer members any change is a large share."""
NOT_SET = ("", "0", "false")


def kill_switch(database: Path, environment: Mapping[str, str]) -> str:
    """Why nothing may go at all, whatever was confirmed; empty when it may."""
    file = outcomes.folder(database) / STOP_FILE
    if file.exists():
        return f"Stopped: {shown_path(file)} is there. Remove it to go on."
    if environment.get(STOP, "").lower() not in NOT_SET:
        return f"Stopped: {STOP} is set. Unset it to go on."
    return ""


def is_free(batch: Batch) -> bool:
    """Whether no brake holds a batch: an opt-out or an erasure."""
    return all(operation.priority <= OPT_OUT_PRIORITY for operation in batch.operations)


def held_back(plan: DestinationPlan) -> bool:
    """Whether there is anything that a brake could hold."""
    return any(not is_free(batch) for batch in plan.batches)


def first_push(plan: DestinationPlan) -> list[str]:
    """The first push to a destination is looked at before it goes."""
    if plan.is_first and held_back(plan):
        return [f"{plan.destination}: nothing was ever sent there. The first push is a dry run until it is confirmed."]
    return []


def large_changes(plan: DestinationPlan) -> list[str]:
    """A list, or the contacts, would change by more than max_share of what is there (from 50 on) or by more than max_changes."""
    counts = plan.counts()
    opt_outs: dict[str, int] = {}
    for operation in plan.operations:
        if operation.priority == OPT_OUT_PRIORITY:
            opt_outs[operation.list_id] = opt_outs.get(operation.list_id, 0) + 1
    told = []
    for row in plan.lists:
        list_id = row["list_id"]
        removed = counts["member", list_id, "remove"] - opt_outs.get(list_id, 0)
        name = f"{plan.destination}, list {list_id} ({row['name']})"
        told += too_many(f"{name} would gain", counts["member", list_id, "add"], row["acknowledged_members"], row)
        told += too_many(f"{name} would lose", removed, row["acknowledged_members"], row)
    if plan.row is not None:
        added, updated = counts["contact", "", "add"], counts["contact", "", "update"]
        there = plan.row["acknowledged_contacts"]
        told += too_many(f"{plan.destination} would gain contacts:", added, there, plan.row)
        told += too_many(f"{plan.destination} would change contacts:", updated, there, plan.row)
    return told


def too_many(what: str, changes: int, there: int, limits: Mapping[str, object]) -> list[str]:
    """The sentence on a number of changes, where it is more than the limits allow."""
    max_share, max_changes = limits["max_share"], limits["max_changes"]
    if max_changes is not None and changes > int(str(max_changes)):
        return [f"{what} {changes:,}, and max_changes allows {int(str(max_changes)):,}."]
    if max_share is not None and there >= SMALLEST_COUNTED and changes > float(str(max_share)) * there:
        return [f"{what} {changes:,} of {there:,}, and max_share allows {float(str(max_share)):.0%}."]
    return []


def empty_sources(plan: DestinationPlan) -> list[str]:
    """What fills a list is empty and the provider's list is not: a broken feed looks like this."""
    return [
        f"{plan.destination}, list {row['list_id']} ({row['name']}): its source {row['source']} has nobody, the list has {row['acknowledged_members']:,}."
        for row in plan.lists
        if not row["source_members"] and row["acknowledged_members"]
    ]


def stops(plan: DestinationPlan) -> list[str]:
    """All that brakes say against a destination's plan. A first push is not measured by shares of nothing."""
    if not held_back(plan):
        return []
    return [*first_push(plan), *empty_sources(plan), *large_changes(plan)]
