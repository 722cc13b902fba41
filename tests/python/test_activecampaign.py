"""ActiveCampaign: contacts and deals as Airbyte lands them, activities as Singer does, and calls of webhooks.

The real contacts are answers of the API, recorded; nothing happened to them. Everything else is made up, and meets each trap of the formats once.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import landing
from building import Project

MADE_UP = landing.SOURCES / "activecampaign"
REAL = landing.LANDED / "activecampaign" / "contacts.jsonl"
SUFFIX = "@activecampaign.example"
ANN, MAX, HARDY, SOFTY, TOLD, BACK, DORA, ZERO, SEVEN, STRANGER = (
    name + SUFFIX for name in ("ann", "max", "hardy", "softy", "told", "back", "dora", "zero", "seven", "stranger")
)


# Real contacts


def recorded(file: Path) -> list[dict[str, Any]]:
    """The whole contacts among the recorded answers of the API, in their order."""
    found: list[dict[str, Any]] = []
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            body = json.loads(line)["response_body"]
            if isinstance(body, dict):
                contacts = [body["contact"]] if "contact" in body else body.get("contacts", [])
                found += [contact for contact in contacts if "deleted" in contact]
    return found


def utc(text: str) -> datetime:
    """A time with an offset, in UTC and without a zone."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def test_real_contacts(all_landed: Project) -> None:
    """Each recorded contact is read, its times by their offset: the columns called UTC hold local time."""
    contacts = landing.read_lines(REAL)
    assert len(contacts) == 19
    assert all(contact["created_utc_timestamp"] == contact["cdate"][:19].replace("T", " ") for contact in contacts)
    rows = all_landed.rows("select * from staging.stg_activecampaign__contacts order by raw_row")
    told = [(row["contact_id"], row["email"], row["first_name"], row["created_at"], row["updated_at"]) for row in rows]
    assert told == [
        (contact["id"], contact["email"], contact["firstName"], utc(contact["cdate"]), utc(contact["udate"]))
        for contact in contacts
    ]
    # An empty name is none.
    assert {row["company"] for row in rows} == {None}
    assert {row["unreadable_columns"] for row in rows} == {None}
    assert landing.source_rows(all_landed, "activecampaign") == {}
    leads = {row["email"] for row in all_landed.rows("select email from marts.dim_leads where email like 'user_%@example.com'")}
    assert {contact["email"] for contact in contacts} <= leads


def test_the_copied_contacts_are_the_recorded_ones(real_data: Callable[[str], Path]) -> None:
    """The contacts in the fixtures are those of the shared recordings."""
    file = real_data(landing.SHARED_FOLDERS["activecampaign"]) / "activecampaign.jsonl.gz"
    assert landing.read_lines(REAL) == recorded(file)


# Tables that join


def webhook(kind: str, when: str, contact_id: str = "", email: str = "", campaign_id: str = "", link: str = "") -> str:
    """The id of a call's event: what it says, hashed."""
    return "webhook:" + hashlib.md5(f"{kind}|{when}|{contact_id}|{email}|{campaign_id}|{link}".encode()).hexdigest()


def on(day: int) -> str:
    """The time of a call as sent, ten o'clock in UTC."""
    return f"2026-02-{day:02d}T04:00:00-06:00"


def test_every_made_up_row_is_accounted_for(all_sources: Project) -> None:
    """Each outcome that a row can have is there, with its reason."""
    assert landing.source_rows(all_sources, "activecampaign") == {
        ("webhooks", "scored", None): 16,
        # in another format
        ("webhooks", "duplicate", None): 1,
        # a start of a campaign, a contact added by a program, a forward, a tag, a kind that nobody knows
        ("webhooks", "out_of_scope", None): 5,
        ("webhooks", "erased", None): 1,
        ("webhooks", "quarantined", "missing_event_type"): 1,
        ("webhooks", "quarantined", "no_identity"): 1,
        ("webhooks", "quarantined", "unreadable_date_time"): 1,
        ("webhooks", "quarantined", "unreadable_json"): 1,
        ("activities", "scored", None): 2,
        ("activities", "duplicate", None): 1,
        # what webhooks tell: a link, a list, a reply
        ("activities", "out_of_scope", None): 3,
        ("activities", "erased", None): 1,
        ("activities", "quarantined", "no_identity"): 1,
        # contacts to whom e-mails came back, as far as no webhook told of it
        ("contacts", "scored", None): 2,
        ("contacts", "erased", None): 1,
    }
    told = landing.rows_told(all_sources, "activecampaign")
    assert told["webhooks"] == len((MADE_UP / "webhooks.jsonl").read_text(encoding="utf-8").splitlines())
    assert told["activities"] == len(landing.read(MADE_UP, "activities"))
    bounced = [row for row in landing.read(MADE_UP, "contacts") if row["bounced_hard"] != "0" or row["bounced_soft"] != "0"]
    assert {row["id"] for row in bounced} == {"303", "304", "305", "306"}
    # 305 is told by a webhook.
    assert told["contacts"] == len(bounced) - 1


def test_events(all_sources: Project) -> None:
    """Each kind of event and whose it is."""
    events = landing.events_of(all_sources, "activecampaign")
    ann = {"contact_id": "301", "email": ANN, "campaign_id": "9"}
    assert {key: (event["event_type"], event["lead"]) for key, event in events.items()} == {
        # By fields and again by the keys of the form: one.
        webhook("open", on(1), **ann): ("email_opened", ANN),
        # Nested.
        webhook("click", "2026-02-02 04:00:00", **ann, link="https://example.com/pricing"): ("email_clicked", ANN),
        # Opens of a contact with mail privacy, known by its id and by its address alone; a click is a person's.
        webhook("open", on(3), "302", campaign_id="9"): ("email_opened_by_machine", MAX),
        webhook("open", on(4), email=MAX, campaign_id="10"): ("email_opened_by_machine", MAX),
        webhook("click", on(5), "302", MAX, "9", "https://example.com/demo"): ("email_clicked", MAX),
        webhook("sent", on(6), "301", campaign_id="9"): ("email_sent", ANN),
        # Of no stated kind: the contact knows that it was for good; of a stranger nobody does.
        webhook("bounce", on(7), "305", campaign_id="9"): ("email_bounced_hard", TOLD),
        webhook("bounce", on(7), "7", campaign_id="9"): ("email_bounced_soft", SEVEN),
        webhook("bounce", on(7), email=STRANGER, campaign_id="9"): ("email_bounced_soft", STRANGER),
        webhook("subscribe", on(8), "310"): ("email_subscribed", DORA),
        webhook("unsubscribe", on(9), "310", DORA): ("email_unsubscribed", DORA),
        webhook("reply", on(9), "301", campaign_id="9"): ("email_replied", ANN),
        webhook("share", on(9), "301", campaign_id="9"): ("social_shared", ANN),
        webhook("open", "2026-02-11 10:00:00", "301"): ("email_opened", ANN),
        # Without a time of their own two calls are two.
        webhook("open", "2026-02-12 10:00:03", "007"): ("email_opened", ZERO),
        webhook("open", "2026-02-13 10:00:03", "007"): ("email_opened", ZERO),
        "activity:1": ("page_viewed", ANN),
        "activity:2": ("email_opened_by_machine", MAX),
        "bounce:303:2026-02-10 09:00:00": ("email_bounced_hard", HARDY),
        "bounce:304": ("email_bounced_soft", SOFTY),
    }


def test_event_fields(all_sources: Project) -> None:
    """What an event says beside its type, and when it was."""
    events = landing.events_of(all_sources, "activecampaign")
    ann = {"contact_id": "301", "email": ANN, "campaign_id": "9"}
    opened = events[webhook("open", on(1), **ann)]
    assert (opened["occurred_at"], opened["email_id"], opened["campaign"]) == (datetime(2026, 2, 1, 10), "9", "Spring news")
    # Its time has no offset: when it was received counts.
    clicked = events[webhook("click", "2026-02-02 04:00:00", **ann, link="https://example.com/pricing")]
    assert (clicked["occurred_at"], clicked["link_url"]) == (datetime(2026, 2, 2, 10, 0, 2), "https://example.com/pricing")
    # When it was received is not known either.
    assert events[webhook("open", "2026-02-11 10:00:00", "301")]["occurred_at"] == datetime(2026, 2, 11, 10)
    assert json.loads(events[webhook("unsubscribe", on(9), "310", DORA)]["properties"]) == {"initiated_from": "admin"}
    assert events["activity:1"]["occurred_at"] == datetime(2026, 2, 5, 15)
    # 0000-00-00 is no date.
    assert events["bounce:304"]["occurred_at"] == datetime(2026, 2, 20, 13)


def test_leads(all_sources: Project) -> None:
    """Deleted and anonymous contacts are none, one that was restored is one, one that came back is one, 007 and 7 are two."""
    rows = all_sources.rows(f"select * from marts.dim_leads where email like '%{SUFFIX}'")
    leads = {row["email"]: row for row in rows}
    assert set(leads) == {ANN, MAX, HARDY, SOFTY, TOLD, BACK, DORA, ZERO, SEVEN, STRANGER}
    expected = {
        "contact_id": "301",
        "first_name": "Ann",
        "last_name": "Archer",
        "company": "Acme, Inc.",
        "phone": "+33 1",
        # 21:14 five hours west of UTC.
        "created_at": datetime(2025, 6, 10, 2, 14, 32),
        "first_seen_on": date(2025, 6, 10),
    }
    assert {name: leads[ANN][name] for name in expected} == expected
    assert leads[DORA]["phone"] == "+2"
    assert (leads[BACK]["contact_id"], leads[BACK]["first_name"]) == ("309", "Back")
    assert (leads[ZERO]["contact_id"], leads[SEVEN]["contact_id"]) == ("007", "7")


def test_outcomes(all_sources: Project) -> None:
    """Cents become money; open and reopened deals say nothing, and neither does one of a deleted contact."""
    rows = all_sources.rows(
        "select outcomes.outcome_id, outcomes.outcome, outcomes.amount, outcomes.occurred_on, leads.email"
        " from intermediate.int_outcomes_resolved as outcomes inner join marts.dim_leads as leads on outcomes.lead_id = leads.lead_id"
        " where outcomes.source = 'activecampaign'"
    )
    assert {row["outcome_id"]: (row["email"], row["outcome"], row["amount"], row["occurred_on"]) for row in rows} == {
        "1": (ANN, "won", Decimal("456"), date(2026, 2, 15)),
        "3": (ZERO, "lost", None, date(2026, 2, 16)),
    }
    reported = all_sources.rows("select raw_table, reason from quarantine.records where source = 'activecampaign'")
    assert reported == [{"raw_table": "deals", "reason": "no_identity"}]


def test_deleted_and_anonymous_contacts_are_forgotten(all_sources: Project) -> None:
    """Nothing of them is in any table but the raw ones; the address of who came back stays."""
    erasures = all_sources.rows("select contact_id, email from staging.stg_activecampaign__erasures")
    assert Counter((row["contact_id"], row["email"]) for row in erasures) == Counter(
        [("306", "gone" + SUFFIX), ("307", "anon" + SUFFIX), ("308", None)]
    )
    assert landing.tables_with(all_sources, "gone" + SUFFIX, "anon" + SUFFIX, "Back, the first time") == []
