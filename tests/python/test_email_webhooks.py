"""Webhooks of SendGrid, Mailgun and Mandrill: every event is accounted for, and the recorded payloads give what was recorded with them.

The real payloads (``tests/fixtures/landed/email_webhooks``) are those with which django-anymail tests its own readers, each with the result that it
asserts: another's reading of the same posts, to which ours is held.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import landing
import pytest
from building import Project

JOINED = landing.SOURCES / "email_webhooks"
REAL = landing.LANDED / "email_webhooks"
PROVIDERS = ("sendgrid", "mailgun", "mandrill")
ANN, BEN, HARD, SOFT, LEGACY = (f"{name}@email-webhooks.example" for name in ("ann", "ben", "hard", "soft", "legacy"))

Payload = dict[str, Any]


def items_of(payload: Any) -> list[Payload]:
    """The events of a post; a post without one counts as one."""
    if isinstance(payload, dict) and "mandrill_events" in payload:
        payload = json.loads(payload["mandrill_events"])
    if isinstance(payload, list):
        return payload or [{}]
    return [payload]


def test_every_made_up_row_is_accounted_for(all_sources: Project) -> None:
    """Each outcome that an event can have is there, with its reason, and no post is missing."""
    assert landing.source_rows(all_sources, "email_webhooks") == {
        ("sendgrid", "scored", None): 9,
        ("sendgrid", "duplicate", None): 1,
        # Processed, deferred, dropped, and an empty array.
        ("sendgrid", "out_of_scope", None): 4,
        ("sendgrid", "quarantined", "unreadable_json"): 1,
        ("sendgrid", "quarantined", "unreadable_payload"): 1,
        ("sendgrid", "quarantined", "unreadable_timestamp"): 1,
        ("sendgrid", "quarantined", "missing_event_type"): 1,
        ("sendgrid", "quarantined", "no_identity"): 1,
        ("sendgrid", "quarantined", "future_event"): 1,
        ("mailgun", "scored", None): 10,
        # Posted again with another token.
        ("mailgun", "duplicate", None): 1,
        # Will be tried again, was never sent, a message written to us.
        ("mailgun", "out_of_scope", None): 3,
        ("mandrill", "scored", None): 8,
        ("mandrill", "duplicate", None): 1,
        # A change of the list, a message written to us, an empty array, rejected, deferred.
        ("mandrill", "out_of_scope", None): 5,
    }
    read = Counter[str]()
    for provider in PROVIDERS:
        for line in (JOINED / f"{provider}.jsonl").read_text(encoding="utf-8").splitlines():
            try:
                payload = json.loads(line)["payload"]
            except ValueError:
                payload = line
            read[provider] += len(items_of(payload))
    assert landing.rows_told(all_sources, "email_webhooks") == read


def test_events(all_sources: Project) -> None:
    """Each code of each provider, and whose the event is."""
    events = landing.events_of(all_sources, "email_webhooks")
    named = {key: event for key, event in events.items() if not key.startswith("mandrill:")}
    assert {key: (event["event_type"], event["lead"]) for key, event in named.items()} == {
        "sendgrid:s01": ("email_delivered", ANN),
        "sendgrid:s02": ("email_opened", ANN),
        "sendgrid:s03": ("email_opened_by_machine", ANN),
        "sendgrid:s04": ("email_clicked", ANN),
        "sendgrid:s05": ("email_bounced_hard", HARD),
        "sendgrid:s06": ("email_bounced_soft", SOFT),
        "sendgrid:s10": ("email_marked_spam", BEN),
        "sendgrid:s11": ("email_unsubscribed", BEN),
        "sendgrid:s12": ("email_subscribed", BEN),
        "mailgun:g01:1770000000.25": ("email_delivered", ANN),
        "mailgun:g02:1770000060.25": ("email_opened", ANN),
        "mailgun:g03:1770000005.25": ("email_opened_by_machine", ANN),
        "mailgun:g04:1770000006.25": ("email_clicked_by_machine", ANN),
        "mailgun:g05:1770000090.25": ("email_clicked", ANN),
        "mailgun:g06:1770000000.25": ("email_bounced_hard", HARD),
        "mailgun:g07:1770000000.25": ("email_bounced_soft", SOFT),
        "mailgun:g12:1770000000.25": ("email_marked_spam", LEGACY),
        "mailgun:t-old-1": ("email_unsubscribed", LEGACY),
        "mailgun:t-old-3": ("email_bounced_hard", LEGACY),
    }
    # Mandrill's events have no id.
    mandrill = [event for key, event in events.items() if key.startswith("mandrill:")]
    assert Counter((event["event_type"], event["lead"], event["email_id"]) for event in mandrill) == Counter(
        [
            ("email_sent", ANN, "md1"),
            ("email_opened", ANN, "md1"),
            ("email_clicked_by_machine", ANN, "md1"),
            ("email_clicked", ANN, "md1"),
            ("email_bounced_hard", HARD, "md2"),
            ("email_bounced_soft", SOFT, "md3"),
            ("email_marked_spam", BEN, "md4"),
            ("email_unsubscribed", BEN, "md4"),
        ]
    )


def test_what_events_name(all_sources: Project) -> None:
    """A message's events have one id, times are exact, links and campaigns are kept, and the server's sentence is not."""
    events = landing.events_of(all_sources, "email_webhooks")
    assert {events[f"sendgrid:{key}"]["email_id"] for key in ("s01", "s02", "s03", "s04")} == {"msg1"}
    assert events["mailgun:g02:1770000060.25"]["email_id"] == "<msg2@email-webhooks.example>"
    assert events["mailgun:g02:1770000060.25"]["occurred_at"] == datetime(2026, 2, 2, 2, 41, 0, 250000)
    assert (events["sendgrid:s04"]["link_url"], events["sendgrid:s04"]["campaign"]) == (
        "https://email-webhooks.example/pricing",
        "Spring",
    )
    assert json.loads(events["sendgrid:s05"]["properties"]) == {"provider": "sendgrid", "reason": "bounce", "status": "5.1.1"}
    assert json.loads(events["mailgun:t-old-3"]["properties"]) == {
        "provider": "mailgun",
        "message_id": "<old@email-webhooks.example>",
        "reject_reason": "bounced",
        "status": "550",
    }


def test_opens_meet_their_deliveries(all_sources: Project) -> None:
    """What the traits of a lead need: of Ann's two delivered messages both were opened and clicked by her."""
    (traits,) = all_sources.rows(
        "select traits.email_open_rate, traits.email_click_rate from intermediate.int_lead_email_traits as traits"
        f" inner join marts.dim_leads as leads on traits.lead_id = leads.lead_id where leads.email = '{ANN}'"
        f" and traits.scored_on = cast('{landing.AS_OF}' as date)"
    )
    assert (float(traits["email_open_rate"]), float(traits["email_click_rate"])) == (1.0, 1.0)


# --------------------------------------------------------------------------------------------------------------------
# The recorded payloads
# --------------------------------------------------------------------------------------------------------------------

TYPES = {
    # Handed over, not yet taken, never sent, or no event of a message: nothing that a lead did or got.
    "queued": None,
    "deferred": None,
    "rejected": None,
    "unknown": None,
    "sent": "email_sent",
    "delivered": "email_delivered",
    "opened": "email_opened",
    "clicked": "email_clicked",
    "complained": "email_marked_spam",
    "unsubscribed": "email_unsubscribed",
    # All recorded bounces are for good; what will be tried again was recorded as deferred.
    "bounced": "email_bounced_hard",
}


def cases() -> Iterator[tuple[str, int, dict[str, Any]]]:
    """The recorded cases with their provider and line."""
    for provider in PROVIDERS:
        for number, case in enumerate(landing.read_lines(REAL / f"{provider}.jsonl"), start=1):
            yield provider, number, case


@pytest.fixture(scope="module")
def recorded(all_landed: Project) -> dict[tuple[str, int], dict[str, Any]]:
    """What the project says of each recorded case, by provider and line; each holds one event."""
    rows = all_landed.rows("select * from staging.stg_email_webhooks__events")
    assert len(rows) == len({(row["raw_table"], row["raw_row"]) for row in rows}) == sum(1 for _ in cases())
    return {(row["raw_table"], row["raw_row"]): row for row in rows}


def in_their_words(row: dict[str, Any], recorded_names: set[str]) -> dict[str, Any]:
    """An event of ours with the names under which the recorded results have the same."""
    properties = json.loads(row["properties"])
    ours = {
        "event_type": row["event_type"],
        "timestamp": row["occurred_at"],
        "recipient": row["email"],
        "message_id": properties.get("message_id"),
        "click_url": row["link_url"],
        "reject_reason": properties.get("reject_reason"),
        "tags": json.loads(properties.get("tags", "[]")) if "tags" in recorded_names else None,
    }
    return {name: value for name, value in ours.items() if name in recorded_names}


def test_recorded_payloads_give_the_recorded_results(recorded: dict[tuple[str, int], dict[str, Any]]) -> None:
    """Type, time, recipient, message, link, reason and tags, of each case those that were recorded with it."""
    compared = Counter[str]()
    differing = {}
    for provider, number, case in cases():
        wanted = {name: value for name, value in case["normalised"].items() if name in ("event_type", "timestamp", "recipient", "message_id", "click_url", "reject_reason", "tags")}  # fmt: skip
        if "event_type" in wanted:
            wanted["event_type"] = TYPES[wanted["event_type"]]
        if "timestamp" in wanted:
            wanted["timestamp"] = datetime.fromisoformat(wanted["timestamp"]).astimezone(UTC).replace(tzinfo=None)
        found = in_their_words(recorded[provider, number], set(wanted))
        if found != wanted:
            differing[case["case"]] = {name: (found[name], wanted[name]) for name in wanted if found[name] != wanted[name]}
        compared.update(list(wanted))
    assert differing == {}
    # As many as the files hold: a test that compares nothing would pass, too.
    assert compared == Counter(name for _provider, _number, case in cases() for name in case["normalised"] if name in compared)
    assert min(compared.values()) >= 3
    assert compared["event_type"] >= 28


def test_codes_without_an_event_type_are_out_of_scope(recorded: dict[tuple[str, int], dict[str, Any]]) -> None:
    """What was recorded as an event that says nothing of a lead is counted, and only that; a message to us and an accepted one likewise."""
    out_of_scope = {key for key, row in recorded.items() if row["is_out_of_scope"]}
    expected = {
        (provider, number)
        for provider, number, case in cases()
        if TYPES.get(case["normalised"].get("event_type"), "") is None
        or case["case"].endswith(("test_delivery_status_is_none_event", "test_misconfigured_inbound"))
    }
    assert out_of_scope == expected


OUT_OF_SCOPE = {
    "sendgrid": {"processed", "deferred", "dropped"},
    "mailgun": {"accepted", "rejected", "dropped", "inbound"},
    "mandrill": {"blacklist"},
}


def counted_again() -> landing.Counts:
    """What should become of the recorded events, counted without the project."""
    counts: landing.Counts = Counter()
    seen: set[tuple[Any, ...]] = set()
    for provider, _number, case in cases():
        for item in items_of(case["payload"]):
            body = item.get("event-data", item)
            code = body.get("event") or body.get("type") or "inbound"
            time = body.get("timestamp") or body.get("ts")
            recipient = body.get("recipient") or body.get("email") or body.get("msg", {}).get("email")
            key = (
                provider,
                body.get("sg_event_id")
                or (code, body.get("_id") or body.get("id") or body.get("token"), time, body.get("url"), recipient),
            )
            if code in OUT_OF_SCOPE[provider] or (code == "failed" and body["severity"] == "temporary"):
                counts[provider, "out_of_scope", None] += 1
            elif not time:
                counts[provider, "quarantined", "missing_occurred_at"] += 1
            elif not recipient:
                counts[provider, "quarantined", "no_identity"] += 1
            else:
                counts[provider, "duplicate" if key in seen else "scored", None] += 1
                seen.add(key)
    return counts


def test_every_recorded_event_is_accounted_for(all_landed: Project) -> None:
    """The project and the json module agree on what became of every event, provider by provider."""
    counts = counted_again()
    assert landing.source_rows(all_landed, "email_webhooks") == counts
    assert sum(counts.values()) == sum(len(landing.read_lines(REAL / f"{provider}.jsonl")) for provider in PROVIDERS)


def test_the_copied_files_are_the_shared_ones(real_data: Callable[[str], Path]) -> None:
    """The copy in the fixtures is equal to the shared data byte for byte, and has the files that are read."""
    assert landing.copied_files_differ("email_webhooks", real_data("email_webhooks")) == []
    assert {file.stem for file in REAL.iterdir()} == set(landing.declared_tables("email_webhooks"))
