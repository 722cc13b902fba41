"""Brevo's webhooks, transactional report, contacts and statistics: every row is accounted for, and each trap of the formats is met once with the answer known.

The real calls (``tests/fixtures/landed/brevo``) come with what another project makes of them; that is asked here, call by call. The rest is made up.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from building import Project
from landing import (
    LANDED,
    SHARED_FOLDERS,
    SOURCES,
    copied_files_differ,
    events_of,
    read,
    read_lines,
    rows_told,
    source_rows,
    tables_with,
)

# --------------------------------------------------------------------------------------------------------------------
# The real calls
# --------------------------------------------------------------------------------------------------------------------

CASES = read_lines(LANDED / "brevo" / "brevo.jsonl")

# The words of the project that the file is from, by ours. Nobody was reached, or nothing has happened yet: out of scope.
THEIR_WORDS = {
    "email_sent": "queued",
    "email_delivered": "delivered",
    "email_bounced_hard": "bounced",
    "email_bounced_soft": "bounced",
    "email_opened": "opened",
    "email_opened_by_machine": "opened",
    "email_clicked": "clicked",
    "email_marked_spam": "complained",
    "email_unsubscribed": "unsubscribed",
}
OUT_OF_SCOPE = {"rejected", "failed", "deferred"}


def expected_time(payload: dict[str, Any]) -> datetime:
    """When a call says that it happened: the epoch in milliseconds where there is one, never the local time beside it."""
    milliseconds = payload.get("ts_epoch") or payload.get("s_epoch") or payload["ts_event"] * 1000
    return datetime(1970, 1, 1) + timedelta(milliseconds=milliseconds)


def reject_reason(event_type: str, vendor_event: str | None) -> str | None:
    """Why an e-mail was turned down, in the words of the project that the file is from."""
    if event_type.startswith("email_bounced"):
        return "invalid" if vendor_event == "INVALIDEMAIL" else "bounced"
    return "spam" if event_type == "email_marked_spam" else None


def test_every_real_call_gives_what_its_file_records(all_landed: Project) -> None:
    """Type, time, recipient, message, link and reason of each call that carries an event; the others are out of scope."""
    rows = all_landed.rows("select * from staging.stg_brevo__events where raw_table = 'webhook' order by raw_row")
    assert len(rows) == len(CASES) == 16
    in_scope = 0
    for row, case in zip(rows, CASES, strict=True):
        payload, normalised = case["payload"], case["normalised"]
        assert row["is_out_of_scope"] is (normalised["event_type"] in OUT_OF_SCOPE), case["case"]
        if row["is_out_of_scope"]:
            assert row["event_type"] is None, case["case"]
            continue
        in_scope += 1
        assert THEIR_WORDS[row["event_type"]] == normalised["event_type"], case["case"]
        assert row["email"] == normalised.get("recipient", payload["email"]), case["case"]
        assert row["email_id"] == normalised.get("message_id", payload["message-id"]), case["case"]
        assert row["link_url"] == normalised.get("click_url"), case["case"]
        assert row["occurred_at"] == expected_time(payload), case["case"]
        if "timestamp" in normalised:
            assert row["occurred_at"].replace(tzinfo=UTC) == datetime.fromisoformat(normalised["timestamp"]), case["case"]
        properties = json.loads(row["properties"] or "{}")
        assert reject_reason(row["event_type"], properties.get("vendor_event")) == normalised.get("reject_reason"), case["case"]
        assert properties.get("reason") == normalised.get("mta_response"), case["case"]
    assert in_scope == 13
    # Machines are told from people, which the file does not.
    by_word = {case["payload"]["event"]: row["event_type"] for case, row in zip(CASES, rows, strict=True)}
    assert {word: by_word[word] for word in ("hard_bounce", "soft_bounce", "opened", "proxy_open", "unique_proxy_open")} == {
        "hard_bounce": "email_bounced_hard",
        "soft_bounce": "email_bounced_soft",
        "opened": "email_opened",
        "proxy_open": "email_opened_by_machine",
        "unique_proxy_open": "email_opened_by_machine",
    }


def test_every_real_call_is_accounted_for(all_landed: Project) -> None:
    """Counted again without SQL: a first opening and the opening that comes with it are one event."""
    counts: Counter[tuple[str, str, str | None]] = Counter()
    seen = set()
    for case in CASES:
        payload, word = case["payload"], case["normalised"]["event_type"]
        meaning = payload["event"].removeprefix("unique_")
        if word in OUT_OF_SCOPE:
            counts["webhook", "out_of_scope", None] += 1
            continue
        key = (meaning, payload["email"], payload["message-id"], expected_time(payload))
        counts["webhook", "duplicate" if key in seen else "scored", None] += 1
        seen.add(key)
    assert source_rows(all_landed, "brevo") == counts
    assert counts["webhook", "duplicate", None] == 2
    assert rows_told(all_landed, "brevo") == {"webhook": len(CASES)}


def test_the_copied_file_is_the_shared_one(real_data: Callable[[str], Path]) -> None:
    """Where the shared data is here, the copy in the fixtures is equal to it byte for byte."""
    assert {file.name for file in (LANDED / "brevo").iterdir()} == {"brevo.jsonl"}
    assert copied_files_differ("brevo", real_data(SHARED_FOLDERS["brevo"])) == []


# --------------------------------------------------------------------------------------------------------------------
# Tables that join
# --------------------------------------------------------------------------------------------------------------------

ANN, BEN, CARL, BACK = "ann@brevo.example", "ben@brevo.example", "carl@brevo.example", "back@brevo.example"
SEVEN, STRANGER, MOVED = "seven@brevo.example", "stranger@brevo.example", "moved@brevo.example"
MAIL = "<1@relay.example>"


def test_every_row_is_accounted_for(all_sources: Project) -> None:
    """Each outcome that a row can have is there, with its reason."""
    assert source_rows(all_sources, "brevo") == {
        ("webhook", "scored", None): 11,
        # a call that was repeated, the first opening, and the opening that the report tells, too
        ("webhook", "duplicate", None): 3,
        # deferred, list_addition, contact_updated, the deletion of who came back, a text message, a word that nobody knows
        ("webhook", "out_of_scope", None): 6,
        # an opening and the deletion of one person, the deletion of another
        ("webhook", "erased", None): 3,
        # no event at all, and a payload that is no JSON
        ("webhook", "quarantined", "missing_event_type"): 2,
        ("webhook", "quarantined", "missing_occurred_at"): 1,
        ("webhook", "quarantined", "no_identity"): 1,
        # a line that was cut off
        ("webhook", "quarantined", "unreadable_json"): 1,
        ("transactional_event", "scored", None): 5,
        ("transactional_event", "out_of_scope", None): 1,
        ("contact_statistics", "scored", None): 8,
        # an earlier state of two of them
        ("contact_statistics", "duplicate", None): 2,
        # a click that the webhook has told, an unsubscription by somebody else
        ("contact_statistics", "out_of_scope", None): 2,
    }


def entries(statistics: dict[str, Any]) -> int:
    """How many things the statistics of a contact say."""
    lists = {**statistics, **statistics.get("unsubscriptions", {})}
    return sum(len(item.get("links", [item])) for name, items in lists.items() if name != "unsubscriptions" for item in items)


def test_no_row_is_lost(all_sources: Project) -> None:
    """Every line, row and entry is told of, counted without SQL."""
    folder = SOURCES / "brevo"
    assert rows_told(all_sources, "brevo") == {
        "webhook": len((folder / "webhook.jsonl").read_text(encoding="utf-8").splitlines()),
        "transactional_event": len(read(folder, "transactional_event")),
        "contact_statistics": sum(entries(row["statistics"]) for row in read_lines(folder / "contact_statistics.jsonl")),
    }


def test_events(all_sources: Project) -> None:
    """Each kind of event, when it happened, in which e-mail, and whose it is."""
    events = events_of(all_sources, "brevo")
    told = Counter((row["event_type"], row["lead"], row["email_id"], row["occurred_at"].isoformat()) for row in events.values())
    assert told == Counter(
        [
            # Transactional, in an account eight hours behind: ts_epoch decides.
            ("email_sent", ANN, MAIL, "2026-02-01T23:30:00"),
            ("email_delivered", ANN, MAIL, "2026-02-01T23:30:05"),
            ("email_opened", ANN, MAIL, "2026-02-01T23:45:00"),
            ("email_opened_by_machine", ANN, MAIL, "2026-02-02T08:00:00"),
            ("email_bounced_soft", SEVEN, "<2@relay.example>", "2026-02-02T08:00:00"),
            ("email_bounced_hard", SEVEN, "<3@relay.example>", "2026-02-02T08:10:00"),
            ("email_marked_spam", CARL, "<4@relay.example>", "2026-02-02T09:00:00"),
            # Marketing, where ts is an hour late: ts_event decides.
            ("email_bounced_hard", SEVEN, "21", "2026-02-01T08:05:00"),
            ("email_clicked", ANN, "21", "2026-02-01T10:00:00"),
            ("email_opened", STRANGER, "21", "2026-02-01T10:30:00"),
            ("email_unsubscribed", BEN, "21", "2026-02-01T11:00:00"),
            ("email_opened", BACK, "22", "2026-02-08T12:00:00"),
            # The report.
            ("email_clicked", ANN, MAIL, "2026-02-01T23:46:00"),
            ("email_opened_by_machine", CARL, "<5@relay.example>", "2026-02-03T08:00:00"),
            ("email_sent", CARL, "<5@relay.example>", "2026-02-03T08:00:00"),
            ("email_bounced_soft", CARL, "<5@relay.example>", "2026-02-03T08:00:01"),
            # The statistics: the last opening of several.
            ("email_sent", ANN, "21", "2026-02-01T08:00:00"),
            ("email_opened", ANN, "21", "2026-02-01T09:59:00"),
            ("email_delivered", BEN, "20", "2026-01-20T08:00:00"),
            ("email_opened", BEN, "20", "2026-02-20T09:00:00"),
            ("email_clicked", BEN, "20", "2026-02-20T09:01:00"),
            ("email_clicked", BEN, "20", "2026-02-20T09:02:00"),
            ("email_bounced_soft", BEN, "19", "2026-01-10T08:00:00"),
            ("email_unsubscribed", BEN, "20", "2026-02-20T09:05:00"),
        ]
    )


def test_what_events_say(all_sources: Project) -> None:
    """Links, campaigns and Brevo's own words."""
    events = events_of(all_sources, "brevo")
    by_type = {(row["event_type"], row["lead"], row["email_id"], row["link_url"]): row for row in events.values()}
    clicks = {key[1:]: row["campaign"] for key, row in by_type.items() if key[0] == "email_clicked"}
    assert clicks == {
        (ANN, "21", "https://acme.example/pricing"): "Spring news",
        (ANN, MAIL, "https://acme.example/order"): None,
        (BEN, "20", "https://acme.example/a"): None,
        (BEN, "20", "https://acme.example/b"): None,
    }
    # The link of an opening is one that the e-mail holds.
    assert ("email_opened", ANN, MAIL, None) in by_type
    assert json.loads(by_type["email_bounced_hard", SEVEN, "<3@relay.example>", None]["properties"]) == {
        "vendor_event": "INVALIDEMAIL",
        "reason": "no such domain",
    }
    assert json.loads(by_type["email_sent", ANN, MAIL, None]["properties"]) == {"template_id": "12", "tag": '["order"]'}
    assert json.loads(by_type["email_opened", BEN, "20", None]["properties"]) == {"count": "2"}
    # 0 is no contact.
    assert by_type["email_sent", ANN, MAIL, None]["contact_id"] == "1"
    assert by_type["email_bounced_soft", SEVEN, "<2@relay.example>", None]["contact_id"] is None


def test_a_repeated_call_is_the_same_event(all_sources: Project) -> None:
    """Calls that say the same have one id, calls that do not have two; Brevo's `id` is the webhook's and tells nothing apart."""
    rows = all_sources.rows(
        "select event_id, event_type, link_url, count(*) as deliveries, count(distinct raw_table) as tables from staging.stg_brevo__events"
        " where not is_out_of_scope and event_type is not null and raw_table <> 'contact_statistics' group by all having count(*) > 1"
    )
    assert Counter((row["event_type"], row["deliveries"], row["tables"]) for row in rows) == {
        ("email_opened", 3, 2): 1,
        ("email_clicked", 2, 1): 1,
    }


def test_leads(all_sources: Project) -> None:
    """Contacts with their attributes; who was deleted is none, who came back is one, who took another address is not the one deleted."""
    leads = {row["email"]: row for row in all_sources.rows("select * from marts.dim_leads where email like '%@brevo.example'")}
    assert set(leads) == {ANN, BEN, CARL, BACK, SEVEN, STRANGER, MOVED}
    ann = leads[ANN]
    assert {
        name: ann[name]
        for name in (
            "contact_id", "first_name", "last_name", "company", "job_title", "country", "city", "phone", "cycle_months", "is_email_opted_out",
            "has_marketing_consent", "created_at", "first_seen_on",
        )
    } == {
        "contact_id": "1", "first_name": "Ann", "last_name": "Brevity", "company": "Acme", "job_title": "Head of Growth", "country": "France",
        "city": "Lyon", "phone": "33611111111", "cycle_months": 3, "is_email_opted_out": False, "has_marketing_consent": True,
        "created_at": datetime(2025, 1, 10, 9), "first_seen_on": date(2025, 1, 10),
    }  # fmt: skip
    assert (leads[BEN]["first_name"], leads[BEN]["last_name"]) == ("Ben", "Bref")
    assert (leads[BEN]["is_email_opted_out"], leads[BEN]["has_marketing_consent"]) == (True, None)
    assert (leads[BACK]["contact_id"], leads[BACK]["first_name"], leads[BACK]["job_title"]) == ("9", "Back", None)
    assert (leads[MOVED]["contact_id"], leads[MOVED]["first_name"]) == ("12", "Moved")


def test_nothing_is_left_of_who_was_deleted(all_sources: Project) -> None:
    """Neither address nor name of them is in any table."""
    erasures = all_sources.rows("select contact_id, email from staging.stg_brevo__erasures")
    assert {(row["contact_id"], row["email"]) for row in erasures} == {
        ("7", "GONE@BREVO.EXAMPLE"),
        ("8", None),
        ("13", "shared@brevo.example"),
    }
    assert tables_with(all_sources, "gone@brevo.example", "Gone for good", "Back, the first time", "Sharer") == []
