"""The commands of activation: what each takes, prints and exits with."""

from __future__ import annotations

import os
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from lead_scoring.activation import brakes, outcomes, planning, sending
from lead_scoring.activation.planning import DestinationPlan, Plan
from lead_scoring.activation.sending import Push, Sent
from lead_scoring.console import heading, number, print_json, print_table, say
from lead_scoring.errors import GUARDED
from lead_scoring.project import database_path, shown_path
from lead_scoring.running import AsJson, progress_line, reported

ADDRESS = re.compile(r"([^\s@<>\"',;:(\[{])[^\s@<>\"',;:(\[{]*@")
TOP_REASONS = 5

app = typer.Typer(
    help="Send people, lists and events to the destinations of seeds/destinations.csv: the difference to what they accepted, and nothing twice.",
    no_args_is_help=True,
)

To = Annotated[
    list[str] | None, typer.Option("--to", metavar="DESTINATION", help="A destination; may be given several times. Default: all.")
]


@app.command("plan")
def plan_command(to: To = None, as_json: AsJson = False) -> None:
    """What a push would send, what would stop it, and the command that sends exactly this. Nothing is sent."""
    with reported(as_json):
        database = database_path()
        plan, _, _ = planning.make(database, to or ())
        if as_json:
            print_json({"status": "ok", "exit_code": 0, **told_plan(plan, database, to or ())})
        else:
            say_plan(plan, database, to or ())


@app.command("push")
def push_command(
    to: To = None,
    confirm: Annotated[
        str | None,
        typer.Option("--confirm", metavar="HASH", help="The hash of the plan that somebody has looked at: no brake holds it."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and send nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send what the plan says. Where a brake stops a destination only its opt-outs and erasures go, and the exit code is 3."""
    if dry_run:
        plan_command(to, as_json)
        return
    with reported(as_json):
        database = database_path()
        with progress_line("Sending", as_json) as update:
            push = sending.push(database, dict(os.environ), to or (), confirm, update=update)
        if as_json:
            print_json(told_push(push, to or ()))
        else:
            say_push(push, to or ())
        if push.exit_code:
            raise typer.Exit(push.exit_code)


@app.command("status")
def status_command(to: To = None, as_json: AsJson = False) -> None:
    """What the destinations hold, what they rejected and why, which events were never answered, and who is still to be forgotten."""
    with reported(as_json):
        database = database_path()
        told = told_status(database, to or ())
        if as_json:
            print_json({"status": "ok", "exit_code": 0, "folder": str(outcomes.folder(database)), "destinations": told})
        else:
            say_status(database, told)


# --------------------------------------------------------------------------------------------------------------------
# The plan
# --------------------------------------------------------------------------------------------------------------------


def push_arguments(plan: Plan, asked_for: Sequence[str]) -> str:
    """The arguments that send exactly this plan."""
    return shlex.join(["push", *(part for name in asked_for for part in ("--to", name)), "--confirm", plan.plan_hash])


def next_command(plan: Plan, asked_for: Sequence[str]) -> str:
    """The command that sends exactly this plan."""
    return f'make activate ARGS="{push_arguments(plan, asked_for)}"'


def told_plan(plan: Plan, database: Path, asked_for: Sequence[str]) -> dict[str, Any]:
    """A plan as data."""
    return {
        "version": plan.version,
        "plan_hash": plan.plan_hash,
        "stopped": brakes.kill_switch(database, os.environ),
        "next": next_command(plan, asked_for) if plan.size else None,
        "destinations": [
            {
                "destination": one.destination,
                "provider": one.provider,
                "is_on": one.is_on,
                "operations": [
                    {"kind": kind, "list_id": list_id, "op": op, "count": count} for (kind, list_id, op), count in sorted(one.counts().items())
                ],
                "requests": len(one.batches),
                "brakes": brakes.stops(one),
                "stale": one.stale,
                "suppressed": dict(one.suppressed),
                "unanswered_events": one.unanswered,
                "not_taken": dict(one.not_taken),
            }
            for one in plan.destinations
        ],
    }  # fmt: skip


def say_plan(plan: Plan, database: Path, asked_for: Sequence[str]) -> None:
    """Print a plan."""
    say(f"The plan from version {plan.version}: {number(plan.size)} operations, hash {plan.plan_hash}.")
    if plan.size:
        print_table(
            (
                [one.destination, kind, place(one, list_id), op, number(count)]
                for one in plan.destinations
                for (kind, list_id, op), count in sorted(one.counts().items())
            ),
            "destination", "kind", "list", "op", ("operations", "right"),
        )  # fmt: skip
    for one in plan.destinations:
        if one.batches:
            say(
                f"{one.destination}: {number(len(one.batches))} {'request' if len(one.batches) == 1 else 'requests'} at the least."
            )
        say_left_out(one)
    stops = [sentence for one in plan.destinations for sentence in brakes.stops(one)]
    for sentence in stops:
        say(f"Brake: {sentence}", style="yellow")
    switch = brakes.kill_switch(database, os.environ)
    if switch:
        say(switch, style="yellow")
    if plan.size:
        say(f"To send exactly this: {next_command(plan, asked_for)}")
    else:
        say("There is nothing to send.", style="green")


def say_left_out(one: DestinationPlan) -> None:
    """Print what a plan leaves out."""
    if not one.is_on:
        say(f"{one.destination} is off, or no longer in seeds/destinations.csv: nothing is sent there.", style="dim")
    if one.stale:
        say(
            f"{one.destination}: {number(one.stale)} operations rest on what the provider no longer holds; they wait for the next build.",
            style="dim",
        )
    for suppression, count in sorted(one.suppressed.items()):
        say(f"{one.destination}: {number(count)} operations are left out: {suppression}.", style="dim")
    if one.unanswered:
        say(
            f"{one.destination}: {number(one.unanswered)} events were sent and never answered; they are not sent again.",
            style="yellow",
        )
    for kind, count in sorted(one.not_taken.items()):
        say(f"{one.destination}: {one.provider} takes no {kind}; {number(count)} operations are left out.", style="yellow")


def place(one: DestinationPlan, list_id: str) -> str:
    """A list for people."""
    name = next((row["name"] for row in one.lists if row["list_id"] == list_id), "")
    return f"{list_id} ({name})" if name else list_id


# --------------------------------------------------------------------------------------------------------------------
# A push
# --------------------------------------------------------------------------------------------------------------------


def told_push(push: Push, asked_for: Sequence[str]) -> dict[str, Any]:
    """What came of a push, as data."""
    return {
        "status": "ok" if not push.exit_code else "error",
        "exit_code": push.exit_code,
        "push_id": push.push_id,
        "version": push.plan.version,
        "plan_hash": push.plan.plan_hash,
        "stopped": push.stopped,
        "next": next_command(push.plan, asked_for) if push.exit_code == GUARDED else None,
        "destinations": [
            {
                "destination": sent.plan.destination,
                "requests": sent.requests,
                "operations": [
                    {"kind": kind, "list_id": list_id, "op": op, "status": status, "count": count}
                    for (kind, list_id, op, status), count in sorted(sent.counts.items())
                ],
                "brakes": list(sent.stops),
                "refused": sent.refused,
                "unanswered": sent.unanswered,
                "suppressed": dict(Counter(sent.plan.suppressed) + sent.suppressed),
                "stale": sent.plan.stale,
                "rejected": [
                    {"kind": one.kind, "list_id": one.list_id, "key": one.key, "op": one.op, "reason": reason} for one, reason in sent.rejected
                ],
            }
            for sent in push.sent
        ],
    }  # fmt: skip


def say_push(push: Push, asked_for: Sequence[str]) -> None:
    """Print what came of a push."""
    rows = [
        [sent.plan.destination, kind, place(sent.plan, list_id), op, status, number(count)]
        for sent in push.sent
        for (kind, list_id, op, status), count in sorted(sent.counts.items())
    ]
    if rows:
        print_table(rows, "destination", "kind", "list", "op", "became", ("operations", "right"))
    for sent in push.sent:
        say_sent(sent)
    if push.stopped:
        say(push.stopped, style="yellow", stderr=True)
    if push.exit_code == GUARDED and push.plan.size:
        say(f"To send it all the same: {next_command(push.plan, asked_for)}", stderr=True)
    if not push.exit_code:
        accepted = sum(sent.of("accepted") for sent in push.sent)
        requests = sum(sent.requests for sent in push.sent)
        said = (
            f"{number(accepted)} operations were accepted, in {number(requests)} requests."
            if rows
            else "There was nothing to send."
        )
        say(said, style="green")


def say_sent(sent: Sent) -> None:
    """Print what there is to say of one destination beside its numbers. No address is shown whole."""
    name = sent.plan.destination
    say_left_out(sent.plan)
    for suppression, count in sorted(sent.suppressed.items()):
        say(f"{name}: {number(count)} operations are left out since the plan was made: {suppression}.", style="dim")
    if sent.rejected:
        say(f"Warning: {name} rejected {number(len(sent.rejected))}; they are tried again with the next push.", style="yellow")
        for reason, count, example in top_reasons((reason, operation.key) for operation, reason in sent.rejected):
            say(f"  {number(count)}: {reason} (as {example})", style="yellow")
    for sentence in sent.stops:
        say(f"Brake: {sentence}", style="yellow", stderr=True)
    if sent.of("unanswered"):
        say(
            f"{name}: {number(sent.of('unanswered'))} operations were not answered. {masked(sent.unanswered)}",
            style="red",
            stderr=True,
        )
    if sent.refused:
        say(f"{name}: {masked(sent.refused)}", style="red", stderr=True)


def masked(text: str) -> str:
    """A text whose addresses show their first letter and their domain."""
    return ADDRESS.sub(r"\1***@", text)


def top_reasons(rejected: Iterable[tuple[str, str]]) -> list[tuple[str, int, str]]:
    """The most frequent reasons, of pairs of reason and key: reason, how often, and the key of one, without addresses."""
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for reason, key in rejected:
        told = masked(reason)
        counts[told] += 1
        examples.setdefault(told, masked(key))
    return [(reason, count, examples[reason]) for reason, count in counts.most_common(TOP_REASONS)]


# --------------------------------------------------------------------------------------------------------------------
# The status
# --------------------------------------------------------------------------------------------------------------------


def told_status(database: Path, asked_for: Sequence[str]) -> list[dict[str, Any]]:
    """What the outcome files say of each destination, as data."""
    state, forgets = outcomes.read(database), outcomes.forgets(database)
    names = sorted({*state.last_push, *(one.destination for one in forgets)})
    held: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in names}
    for line in state.held.values():
        if line.op != "remove":
            held[line.destination][line.kind, line.list_id] += 1
    return [
        {
            "destination": name,
            "last_push": state.last_push.get(name),
            "acknowledged": [{"kind": kind, "list_id": list_id, "count": count} for (kind, list_id), count in sorted(held[name].items())],
            "rejected": [
                {"reason": reason, "count": count, "example": example}
                for reason, count, example in top_reasons((line.reason, line.key) for line in state.rejected.values() if line.destination == name)
            ],
            "unanswered_events": sum(line.destination == name for line in state.unanswered.values()),
            "waiting_forgets": sum(one.destination == name for one in forgets),
        }
        for name in names
        if not asked_for or name in asked_for
    ]  # fmt: skip


def say_status(database: Path, told: Sequence[dict[str, Any]]) -> None:
    """Print what the outcome files say."""
    switch = brakes.kill_switch(database, os.environ)
    if switch:
        say(switch, style="yellow")
    if not told:
        say(f"Nothing was sent yet: {shown_path(outcomes.folder(database))} tells of no push.")
    for one in told:
        heading(one["destination"])
        say(f"Last push: {one['last_push'] or 'none'}")
        print_table(
            ([held["kind"], held["list_id"], number(held["count"])] for held in one["acknowledged"]), "kind", "list", ("acknowledged", "right")
        )  # fmt: skip
        for rejected in one["rejected"]:
            say(f"Rejected: {number(rejected['count'])}: {rejected['reason']} (as {rejected['example']})", style="yellow")
        if one["unanswered_events"]:
            say(f"Events that were sent and never answered: {number(one['unanswered_events'])}", style="yellow")
        if one["waiting_forgets"]:
            say(f"People whom the next push deletes there: {number(one['waiting_forgets'])}", style="yellow")
