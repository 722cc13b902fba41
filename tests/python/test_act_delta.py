"""What is sent to destinations: the difference between what each should hold and what it accepted, told against plain Python.

dbt compiles the models once; random weeks of a few dozen leads and five destinations then go through that SQL, and a sender that is sometimes refused writes
down what became of its operations. A true build reads outcome files as a push leaves them: torn, repeated, of people who are erased.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import Project
from compiled import Models, Tables, compile_models
from test_bad_inputs import EMAILS

WEEKS = int(os.environ.get("LEAD_SCORING_DELTA_WEEKS", "3"))
DAYS, LEADS = 10, 30
FIRST = date(2026, 3, 2)
TRIGGER_DAYS = 3
SCORE_MODEL = "m"

MADE = (
    *(
        "act_acknowledged",
        "int_lead_suppressions",
        "act_suppressions",
        "int_recipients",
        "int_list_members",
        "int_contacts_desired",
    ),
    *(
        "int_contact_attributes",
        "act_desired",
        "fct_next_actions",
        "int_action_events",
        "act_delta",
        "act_lists",
        "act_destinations",
    ),
)
OUTCOMES = "raw_activation.outcomes"
GIVEN = {
    "stg_config__destinations": "destination varchar, provider varchar, contacts varchar, max_share decimal(10, 4), max_changes int, is_on boolean",
    "stg_config__destination_lists": "destination varchar, list_id varchar, source varchar, name varchar, score_model varchar, mode varchar",
    "stg_config__destination_fields": "destination varchar, attribute varchar, field varchar, score_model varchar",
    "stg_config__destination_actions": "destination varchar, channel varchar",
    "stg_config__suppressions": "suppression varchar, kind varchar, name varchar, lifted_by varchar",
    "stg_config__provider_limits": "provider varchar, operation varchar",
    "stg_config__score_models": "score_model varchar, is_default boolean",
    "stg_config__segments": "score_model varchar, segment varchar, label varchar, temperature varchar",
    "stg_config__next_actions": "score_model varchar, segment varchar, trend varchar, channel varchar, action varchar, template varchar, delay_hours int,"
    " sla_hours int",
    "dim_leads": "lead_id varchar, email varchar, last_activity_on date, first_name varchar, last_name varchar, company varchar, job_title varchar,"
    " phone varchar, city varchar, country varchar, owner varchar",
    "int_lead_profiles": "lead_id varchar, held_from_on date, held_until_on date, is_email_opted_out boolean, has_marketing_consent boolean,"
    " is_internal boolean",
    "fct_lead_scores": "lead_id varchar, score_model varchar, score int, grade varchar, stage varchar, trend varchar, top_reasons varchar,"
    " score_7d_ago int, score_rank bigint, is_excluded boolean",
    "int_held_segments": "lead_id varchar, score_model varchar, held_segment varchar, entered_on date",
    "int_cooling_dates": "lead_id varchar, score_model varchar, cools_down_on date",
    "int_standings": "lead_id varchar, score_model varchar, held_segment varchar",
    "int_events_counted": "lead_id varchar, event_type varchar, occurred_at timestamp",
    "int_erased_leads": "lead_id varchar",
    "int_lead_aliases": "alias_id varchar, lead_id varchar",
    OUTCOMES: "told_at timestamp, push_id varchar, destination varchar, kind varchar, list_id varchar, key varchar, lead_id varchar, op varchar,"
    " op_id varchar, payload_hash varchar, status varchar, reason varchar",
}
"""What the models read, as tables that the test fills."""

DESTINATIONS = {
    # name: (provider, contacts, is_on)
    "brevo": ("brevo", "listed", True),
    "hubspot": ("hubspot", "all", True),
    "meta": ("meta", "listed", True),
    "off": ("brevo", "all", False),
}
OPERATIONS = {"brevo": ("contact", "member", "event"), "hubspot": ("contact", "member"), "meta": ("member",)}
LISTS = [
    # (destination, list_id, source, name, score_model, mode)
    ("brevo", "1", "segment", "warm", None, "mirror"),
    ("brevo", "2", "segment", "hot", SCORE_MODEL, "upsert"),
    ("brevo", "3", "audience", "visitors", None, "archive"),
    ("hubspot", "1", "segment", "cold", None, "archive"),
    ("meta", "9", "audience", "visitors", None, "mirror"),
    ("off", "1", "segment", "warm", None, "mirror"),
]
FIELDS = {
    "brevo": {
        "SCORE": "score",
        "SEGMENT": "segment",
        "LABEL": "segment_label",
        "NAME": "first_name",
        "ARCHIVED": "is_archived",
        "A": "trend",
    },
    "hubspot": {"since": "entered_on", "temperature": "temperature", "last seen": "last_activity_on", "before": "score_7d_ago"},
    "off": {"score": "score"},
}
CHANNELS = [("brevo", "email"), ("hubspot", "email"), ("off", "email")]
SUPPRESSIONS = [
    ("unsubscribed", "event", "email_unsubscribed", "email_subscribed | form_submitted"),
    ("bounced", "event", "email_bounced_hard", None),
    ("opted_out", "trait", "is_email_opted_out", None),
    ("without_consent", "missing_trait", "has_marketing_consent", None),
    ("internal", "trait", "is_internal", None),
    ("excluded", "excluded", None, None),
]
SEGMENTS = {"cold": ("Cold", "cold"), "warm": ("Warm", "warm"), "hot": ('Hot "as can be"', "hot")}
ACTIONS = [
    # (segment, trend, channel, action, template, delay_hours)
    ("cold", None, "email", "welcome", "welcome", 0),
    ("warm", None, "email", "nurture", "nurture", 24),
    ("warm", "rising", "email", "nurture", "nurture", 48),
    ("warm", "falling", "email", "win_back", "win_back", 72),
    ("hot", None, "phone", "call", "call", 4),
]
OPT_OUT, REMOVAL, CONTACT, ADDITION, EVENT = range(5)


def md5(text: str) -> str:
    """The hash that ids are made of."""
    return hashlib.md5(text.encode()).hexdigest()


@dataclass(frozen=True)
class Lead:
    """What is known of somebody on a day."""

    lead_id: str
    email: str | None
    first_name: str | None = None
    last_activity_on: date | None = None
    score: int = 0
    score_7d_ago: int | None = None
    trend: str = "steady"
    is_excluded: bool = False
    segment: str = "cold"
    entered_on: date = FIRST
    is_visitor: bool = False
    is_opted_out: bool | None = None
    has_consent: bool | None = True
    is_internal: bool = False
    events: tuple[tuple[str, datetime], ...] = ()

    @property
    def address(self) -> str | None:
        """What may be written to."""
        return self.email if self.email and self.email.count("@") == 1 else None


@dataclass
class World:
    """Everybody, and what the destinations have said so far."""

    day: date
    leads: dict[str, Lead] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    outcomes: list[dict[str, Any]] = field(default_factory=list)


# ---------------------------------------------------------------------------------------------------------------------
# The oracle
# ---------------------------------------------------------------------------------------------------------------------


def base(address: str) -> str:
    """An address without its tag."""
    local, domain = address.split("@")
    return f"{local.split('+')[0]}@{domain}"


def reasons(lead: Lead) -> set[str]:
    """Why somebody must not be written to."""
    found = set()
    for name, kind, what, lifted_by in SUPPRESSIONS:
        if kind == "event":
            lifting = [] if lifted_by is None else [word.strip() for word in lifted_by.split("|")]
            started = max((at for event, at in lead.events if event == what), default=None)
            lifted = max((at for event, at in lead.events if event in lifting), default=None)
            holds = started is not None and (lifted is None or lifted <= started)
        else:
            holds = {
                "opted_out": lead.is_opted_out is True,
                "without_consent": lead.has_consent is not True,
                "internal": lead.is_internal,
                "excluded": lead.is_excluded,
            }[name]
        found |= {name} if holds else set()
    return found


def acknowledged(world: World) -> dict[tuple[str, str, str, str], dict[str, Any]]:
    """The last accepted line of every contact and membership, but for those who were erased."""
    gone = world.erased | {alias for alias, lead in world.aliases.items() if lead in world.erased}
    last: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for line in sorted(world.outcomes, key=lambda line: line["told_at"]):
        if line["status"] == "accepted" and line["kind"] in ("contact", "member") and line["lead_id"] not in gone:
            last[line["destination"], line["kind"], line["list_id"], line["key"]] = line
    return last


def suppressed(world: World) -> dict[str, set[str]]:
    """Why each address must not be written to, whatever its tag, those of before that a destination knows among them."""
    addresses = {(lead.address, lead.lead_id) for lead in world.leads.values() if lead.address}
    addresses |= {(key, world.aliases.get(line["lead_id"], line["lead_id"])) for (*_, key), line in acknowledged(world).items()}
    of_base: dict[str, set[str]] = {}
    for address, lead_id in addresses:
        if lead_id in world.leads:
            of_base.setdefault(base(address), set()).update(reasons(world.leads[lead_id]))
    return {address: of_base[base(address)] for address, _ in addresses if of_base.get(base(address))}


def attribute(lead: Lead, name: str, is_archived: bool) -> Any:
    """What stands in an attribute."""
    label, temperature = SEGMENTS[lead.segment]
    return {
        "score": lead.score,
        "segment": lead.segment,
        "segment_label": label,
        "first_name": lead.first_name,
        "is_archived": is_archived,
        "trend": lead.trend,
        "entered_on": str(lead.entered_on),
        "temperature": temperature,
        "last_activity_on": lead.last_activity_on and str(lead.last_activity_on),
        "score_7d_ago": lead.score_7d_ago,
    }[name]


def operations(world: World) -> list[dict[str, Any]]:
    """What has to be sent: payloads as Python values, without the ids."""
    forbidden, last = suppressed(world), acknowledged(world)
    people = {lead.address: lead for lead in world.leads.values() if lead.address and lead.address not in forbidden}
    found: list[dict[str, Any]] = []

    def tell(destination: str, kind: str, list_id: str, key: str, op: str, payload: Any, reason: str, priority: int) -> None:
        line = last.get((destination, kind, list_id, key))
        found.append(
            {
                **{"destination": destination, "kind": kind, "list_id": list_id, "key": key, "op": op, "payload": payload},
                **{"reason": reason, "priority": priority, "after_op_id": line["op_id"] if line and kind != "event" else None},
            }
        )

    members: dict[tuple[str, str], set[str]] = {}
    for destination, list_id, source, name, _, _ in LISTS:
        members[destination, list_id] = {
            key for key, lead in people.items() if (lead.segment == name if source == "segment" else lead.is_visitor)
        }
    for destination, (provider, contacts, is_on) in DESTINATIONS.items():
        if not is_on:
            continue
        modes = {list_id: mode for there, list_id, *_, mode in LISTS if there == destination}
        listed = {key for list_id in modes for key in members[destination, list_id]}
        if "contact" in OPERATIONS[provider]:
            sent = {key for there, kind, _, key in last if (there, kind) == (destination, "contact")}
            archiving = {
                key
                for there, kind, list_id, key in last
                if (there, kind) == (destination, "member") and modes.get(list_id) == "archive"
            }
            for key in (set(people) if contacts == "all" else listed | sent) & people.keys():
                payload = {
                    column: attribute(people[key], name, key in archiving and key not in listed)
                    for column, name in FIELDS[destination].items()
                }
                line = last.get((destination, "contact", "", key))
                if line is None:
                    tell(destination, "contact", "", key, "add", payload, "new", CONTACT)
                elif line["payload"] != payload:
                    tell(destination, "contact", "", key, "update", payload, "changed", CONTACT)
        for list_id, mode in modes.items():
            there_now = {
                key for there, kind, of_list, key in last
                if (there, kind, of_list) == (destination, "member", list_id) and last[there, kind, of_list, key]["op"] != "remove"
            }  # fmt: skip
            for key in members[destination, list_id] - there_now:
                tell(destination, "member", list_id, key, "add", {}, "new", ADDITION)
            for key in there_now - members[destination, list_id]:
                if key in forbidden:
                    tell(destination, "member", list_id, key, "remove", {}, min(forbidden[key]), OPT_OUT)
                elif mode != "upsert":
                    tell(destination, "member", list_id, key, "remove", {}, "left", REMOVAL)
        if "event" in OPERATIONS[provider]:
            for event in events(world, destination, people):
                tell(destination, "event", "", event["key"], "add", event["payload"], "transition", EVENT)
    return found


def events(world: World, destination: str, people: dict[str, Lead]) -> list[dict[str, Any]]:
    """The actions that became due in the last days, and were not accepted."""
    accepted = {
        (line["destination"], line["lead_id"], json.dumps({**line["payload"], "occurred_at": "", "properties": {**line["payload"]["properties"], "score": 0}}))
        for line in world.outcomes
        if line["kind"] == "event" and line["status"] == "accepted"
    }  # fmt: skip
    first: dict[tuple[str, str, str], tuple[datetime, dict[str, Any]]] = {}
    end = datetime.combine(world.day + timedelta(days=1), datetime.min.time())
    for key, lead in people.items():
        for segment, trend, channel, action, template, delay in ACTIONS:
            due = datetime.combine(lead.entered_on, datetime.min.time()) + timedelta(hours=delay)
            if (segment != lead.segment) or trend not in (None, lead.trend) or (destination, channel) not in CHANNELS:
                continue
            if not end - timedelta(days=TRIGGER_DAYS + 1) <= due < end:
                continue
            properties = {
                **{"action": action, "entered_on": str(lead.entered_on), "score": lead.score},
                **{"score_model": SCORE_MODEL, "segment": segment},
            }
            payload = {"event": template, "occurred_at": due.isoformat() + "Z", "properties": properties}
            if (key, action, template) not in first or due < first[key, action, template][0]:
                first[key, action, template] = (due, {"key": key, "payload": payload})
    return [
        event
        for _, event in first.values()
        if (
            destination,
            people[event["key"]].lead_id,
            json.dumps({**event["payload"], "occurred_at": "", "properties": {**event["payload"]["properties"], "score": 0}}),
        )
        not in accepted
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Weeks
# ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """The models of the activation."""
    return compile_models(tmp_path_factory.mktemp("compiled") / "project", MADE, [name for name in GIVEN if name != OUTCOMES])


def make(tables: Tables, world: World) -> list[dict[str, Any]]:
    """Give the models what there is, and return the operations."""
    leads = list(world.leads.values())
    nothing = [None] * 6
    tables.fill("dim_leads", [(one.lead_id, one.email, one.last_activity_on, one.first_name, None, *nothing) for one in leads])
    today, never = (world.day - timedelta(days=2), world.day), (world.day - timedelta(days=9), world.day - timedelta(days=3))
    tables.fill(
        "int_lead_profiles",
        [
            row
            for one in leads
            if one.has_consent is not None or one.is_opted_out is not None
            for row in (
                (one.lead_id, *today, one.is_opted_out, one.has_consent, one.is_internal),
                (one.lead_id, *never, not one.is_opted_out, not one.has_consent, not one.is_internal),
            )
        ],
    )
    tables.fill(
        "fct_lead_scores",
        [
            (one.lead_id, SCORE_MODEL, one.score, "A", None, one.trend, "x +1", one.score_7d_ago, 1, one.is_excluded)
            for one in leads
        ],
    )
    tables.fill("int_held_segments", [(one.lead_id, SCORE_MODEL, one.segment, one.entered_on) for one in leads])
    visitors = [(one.lead_id, "audience:visitors", "visitors") for one in leads if one.is_visitor]
    tables.fill("int_standings", [(one.lead_id, SCORE_MODEL, one.segment) for one in leads] + visitors)
    tables.fill("int_events_counted", [(one.lead_id, *event) for one in leads for event in one.events])
    tables.fill("int_erased_leads", [(lead_id,) for lead_id in sorted(world.erased)])
    tables.fill("int_lead_aliases", sorted(world.aliases.items()))
    columns = [column.split()[0] for column in GIVEN[OUTCOMES].split(", ")]
    tables.fill(OUTCOMES, [[line[column] for column in columns] for line in world.outcomes])
    for name in tables.models.sql:
        tables.make(name, world.day)
    return tables.records("act_delta")


def assert_right(tables: Tables, world: World, delta: list[dict[str, Any]]) -> Counter[str]:
    """The operations are those of the oracle, their ids say what they should, and the counts of lists and destinations add up."""
    found = [{**row, "payload": json.loads(row["payload"])} for row in delta]
    kinds = ("destination", "kind", "list_id", "key", "op", "payload", "reason", "priority", "after_op_id")
    expected = operations(world)

    def told(rows: list[dict[str, Any]]) -> list[str]:
        return sorted(json.dumps({name: row[name] for name in kinds}, sort_keys=True) for row in rows)

    assert told(found) == told(expected)
    forbidden = suppressed(world)
    assert {(row["key"], row["suppression"]) for row in tables.records("act_suppressions")} == {
        (key, reason) for key, all_reasons in forbidden.items() for reason in all_reasons
    }
    for row in delta:
        assert row["payload_hash"] == md5(row["payload"])
        if row["kind"] != "event":
            parts = [row[name] for name in ("destination", "kind", "list_id", "key", "op", "payload_hash")]
            assert row["op_id"] == md5("|".join([*parts, row["after_op_id"] or ""]))
        assert row["op"] == "remove" or row["key"] not in forbidden
    assert len({row["op_id"] for row in delta}) == len(delta)
    counted = Counter((row["destination"], row["list_id"], row["priority"]) for row in expected if row["kind"] == "member")
    for row in tables.records("act_lists"):
        there = (row["destination"], row["list_id"])
        assert (row["opt_outs"], row["removals"], row["additions"]) == tuple(
            counted[*there, priority] for priority in (OPT_OUT, REMOVAL, ADDITION)
        )
    return Counter(f"{row['kind']} {row['op']} {row['reason']}" for row in expected)


def send(world: World, delta: list[dict[str, Any]], chance: random.Random, accepts: float) -> None:
    """Write down what became of the operations."""
    for number, row in enumerate(sorted(delta, key=lambda row: (row["priority"], row["op_id"]))):
        drawn = chance.random()
        status = (
            "accepted" if drawn < accepts else "rejected" if drawn < (1 + accepts) / 2 or row["kind"] != "event" else "attempted"
        )
        told_at = datetime.combine(world.day, datetime.min.time()) + timedelta(hours=9, seconds=len(world.outcomes) + number)
        world.outcomes.append(
            {
                **{
                    name: row[name]
                    for name in ("destination", "kind", "list_id", "key", "lead_id", "op", "op_id", "payload_hash")
                },
                **{"told_at": told_at, "push_id": f"push {world.day}", "status": status, "reason": None},
                "payload": json.loads(row["payload"]),
            }
        )


def live(world: World, chance: random.Random) -> None:
    """What becomes of everybody overnight."""
    for lead_id, lead in list(world.leads.items()):
        changes: dict[str, Any] = {}
        if chance.random() < 0.3:
            changes = {"segment": chance.choice([name for name in SEGMENTS if name != lead.segment]), "entered_on": world.day}
        if chance.random() < 0.3:
            changes |= {
                "score": chance.randint(0, 100),
                "score_7d_ago": chance.choice((None, 7)),
                "is_visitor": not lead.is_visitor,
            }
        changes["trend"] = chance.choice(("steady", "rising", "falling"))
        drawn = chance.random()
        if drawn < 0.16:
            event = chance.choice(
                ("email_unsubscribed", "email_subscribed", "form_submitted", "email_bounced_hard", "page_viewed")
            )
            at = datetime.combine(world.day, datetime.min.time()) + timedelta(hours=chance.randint(0, 2))
            # Who subscribes in the moment of unsubscribing is not asked again.
            same_moment = (("email_subscribed", at),) if drawn < 0.05 else ()
            changes["events"] = (*lead.events, (event, at), *same_moment)
        elif drawn < 0.24:
            changes |= chance.choice(
                (
                    {"is_excluded": not lead.is_excluded},
                    {"has_consent": not lead.has_consent},
                    {"is_opted_out": not lead.is_opted_out},
                    {"first_name": "O'Brien \"\\\n\u00e9"},
                    {"last_activity_on": world.day},
                )
            )
        world.leads[lead_id] = replace(lead, **changes)
        if drawn > 0.98:
            del world.leads[lead_id]
        elif drawn > 0.96 and lead.address:
            # Another address is another id.
            new = replace(world.leads.pop(lead_id), email=f"moved.{lead.email}", lead_id=md5(f"email:moved.{lead.email}"))
            world.leads[new.lead_id] = new
            world.aliases = {alias: new.lead_id if old == lead_id else old for alias, old in world.aliases.items()}
            world.aliases[lead_id] = new.lead_id
        elif drawn > 0.95:
            world.erased.add(lead_id)
            del world.leads[lead_id]


def some_leads(chance: random.Random) -> dict[str, Lead]:
    """People, some of whom share a mailbox, have no address, or never said yes."""
    leads = {}
    for number in range(LEADS):
        email = chance.choice(
            (
                f"lead{number}@a.example",
                f"lead{number}@a.example",
                f"ann+tag{number}@b.example",
                f"bob{number % 3}+{number}@c.example",
            )
        )
        email = {0: None, 1: "two@at@c.example", 2: "bob1@c.example"}.get(number, email)
        lead_id = md5(f"email:{email}") if email else md5(f"contact:{number}")
        leads[lead_id] = Lead(
            lead_id=lead_id,
            email=email,
            segment=chance.choice(list(SEGMENTS)),
            entered_on=FIRST - timedelta(days=chance.randint(0, 6)),
            is_visitor=chance.random() < 0.5,
            has_consent=chance.choice((True,) * 9 + (None,)),
            is_internal=chance.random() < 0.03,
        )
    return leads


@pytest.mark.parametrize("number", range(WEEKS))
def test_the_delta_is_what_is_desired_less_what_was_accepted(
    number: int, models: Models, record_property: Callable[..., None]
) -> None:
    """Day by day, whatever was refused; and once everything is accepted there is nothing left to send."""
    chance = random.Random(f"delta {number}")
    tables = Tables(models, GIVEN)
    tables.fill(
        "stg_config__destinations",
        [(name, provider, contacts, 0.2, 500, is_on) for name, (provider, contacts, is_on) in DESTINATIONS.items()],
    )
    tables.fill("stg_config__destination_lists", LISTS)
    tables.fill(
        "stg_config__destination_fields", [(name, *one, None) for name, fields in FIELDS.items() for one in fields.items()]
    )
    tables.fill("stg_config__destination_actions", CHANNELS)
    tables.fill("stg_config__suppressions", SUPPRESSIONS)
    tables.fill(
        "stg_config__provider_limits", [(provider, one) for provider, all_of_it in OPERATIONS.items() for one in all_of_it]
    )
    tables.fill("stg_config__score_models", [(SCORE_MODEL, True), ("other", False)])
    tables.fill("stg_config__segments", [(SCORE_MODEL, name, *rest) for name, rest in SEGMENTS.items()])
    tables.fill("stg_config__next_actions", [(SCORE_MODEL, *action, 24) for action in ACTIONS])
    world = World(FIRST, some_leads(chance))
    seen: Counter[str] = Counter()
    for offset in range(DAYS):
        world.day = FIRST + timedelta(days=offset)
        if offset:
            live(world, chance)
        delta = make(tables, world)
        seen += assert_right(tables, world, delta)
        send(world, delta, chance, accepts=0.8)
    for _ in range(2):
        delta = make(tables, world)
        send(world, delta, chance, accepts=1.0)
    assert make(tables, world) == []
    states = [line["op_id"] for line in world.outcomes if line["kind"] != "event" and line["status"] == "accepted"]
    assert len(states) == len(set(states)), "whoever comes, goes and comes back is told by three different ids"
    record_property("tried", f"deltas, week {number}: {dict(seen)}")
    assert {
        "contact add new",
        "contact update changed",
        "member add new",
        "member remove left",
        "event add transition",
    } <= seen.keys()
    assert any(re.fullmatch("member remove (?!left).*", name) for name in seen)


# ---------------------------------------------------------------------------------------------------------------------
# True builds
# ---------------------------------------------------------------------------------------------------------------------

AS_OF_DATE = "2026-03-10"
ERASED = "o'brien@mail.example"
REFUSED = "ann@mail.example"
MEMBERS = ("brevo", "10")


def contacts() -> list[dict[str, Any]]:
    """A contact for every spelling of an address."""
    moment = datetime(2026, 3, 9, 12)
    return [
        {
            **{"contact_id": f"c{number}", "email": email, "has_marketing_consent": True},
            **dict.fromkeys(("created_at", "updated_at", "loaded_at"), moment),
        }
        for number, email in enumerate(EMAILS)
    ]


def write_raw(raw: Path, table: str, rows: list[dict[str, Any]]) -> None:
    """Write a raw table."""
    (raw / "generic").mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), raw / "generic" / f"{table}.parquet")


def built(project: Project, raw: Path) -> list[dict[str, Any]]:
    """Build up to the delta, and return it."""
    kinds = [word for kind in ("test", "unit_test") for word in ("--exclude-resource-type", kind)]
    outcome = project.dbt("build", "--select", "+act_lists", *kinds, raw=raw, variables={"as_of_date": AS_OF_DATE})
    assert outcome.success, [node.message for node in getattr(outcome.result, "results", None) or []]
    return project.rows("select * from marts.act_delta order by op_id")


def line(row: dict[str, Any], status: str, second: int) -> str:
    """A line as a push writes it."""
    names = ("destination", "kind", "list_id", "key", "lead_id", "op", "op_id", "payload_hash")
    told_at = f"2026-03-10T09:00:{second:02}.123456Z"
    return json.dumps(
        {"told_at": told_at, "push_id": "p", **{name: row[name] for name in names}, "status": status, "reason": None}
    )


@pytest.fixture(scope="module")
def pushes(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """The deltas before and after a push of which one operation was refused, one file ends torn, and somebody asked to be forgotten; and what was accepted."""
    folder = tmp_path_factory.mktemp("pushes")
    project, raw = Project(folder / "project"), folder / "raw"
    for source in (project.folder / "models" / "staging").iterdir():
        if source.is_dir() and source.name not in ("config", "generic"):
            shutil.rmtree(source)
    (project.folder / "seeds" / "destination_lists.csv").write_text(
        "destination,list_id,source,name,score_model,mode,note\nbrevo,10,segment,new,,mirror,\n", encoding="utf-8"
    )
    write_raw(raw, "contacts", contacts())
    before = built(project, raw)
    outcomes = folder / "project" / "lead_scoring_activation" / "outcomes"
    outcomes.mkdir(parents=True)
    taken = [row for row in before if (row["kind"], row["key"]) != ("member", REFUSED) and row["kind"] != "event"]
    (refused,) = (row for row in before if (row["kind"], row["key"]) == ("member", REFUSED))
    told, happening = [row for row in before if row["kind"] == "event"][:2]
    lines = [line(row, "accepted", 1) for row in taken] + [line(refused, "rejected", 2), line(told, "attempted", 3)]
    # The same line twice, and one that the process did not finish.
    (outcomes / "1.jsonl").write_text("\n".join([*lines, lines[0], line(refused, "accepted", 4)[:-40]]), encoding="utf-8")
    (outcomes / "2.jsonl").write_text(line(told, "accepted", 5) + "\n" + line(happening, "attempted", 6) + "\n", encoding="utf-8")
    (outcomes / "3.jsonl").write_text("", encoding="utf-8")
    asked = datetime(2026, 3, 10)
    write_raw(raw, "erasures", [{"email": ERASED.upper(), "requested_at": asked, "loaded_at": asked}])
    after = built(project, raw)
    return before, after, project.rows("select * from marts.act_acknowledged")


Pushes = tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]


def test_every_spelling_is_pushed_in_its_normal_form(pushes: Pushes) -> None:
    """One operation a person and list, its key the normal form; what has not exactly one @ is never pushed."""
    before, _, _ = pushes
    addresses = {email for email in EMAILS.values() if email.count("@") == 1}
    pushed = Counter(row["key"] for row in before if row["kind"] == "member")
    assert pushed == dict.fromkeys(addresses, 1)
    assert {row["key"] for row in before} == addresses
    assert {row["lead_id"] for row in before} == {md5(f"email:{email}") for email in addresses}


def test_what_was_accepted_is_not_sent_again(pushes: Pushes) -> None:
    """What was refused or attempted is; a line that is torn is none, and nothing is told of somebody who is erased."""
    before, after, _ = pushes
    told = next(row["op_id"] for row in before if row["kind"] == "event")
    expected = {
        row["op_id"]
        for row in before
        if row["key"] != ERASED
        and (row["kind"] == "event" or (row["kind"], row["key"]) == ("member", REFUSED))
        and row["op_id"] != told
    }
    assert {row["op_id"] for row in after} == expected


def test_what_a_destination_holds_of_an_erased_person_is_not_read(pushes: Pushes) -> None:
    before, _, acknowledged_rows = pushes
    assert ERASED in {row["key"] for row in before}
    assert ERASED not in {row["key"] for row in acknowledged_rows}
    assert {str(row["acknowledged_at"]) for row in acknowledged_rows} == {"2026-03-10 09:00:01.123456"}
