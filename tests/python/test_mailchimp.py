"""Mailchimp as Fivetran lands it: every row is accounted for, and each trap of the format is met once with the answer known."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import landing
from building import Project

JOINED = landing.SOURCES / "mailchimp"
REAL = landing.LANDED / "mailchimp"
EVENT_TABLES = ("campaign_recipient", "campaign_recipient_activity", "automation_recipient_activity", "unsubscribe")
ANN, TWO, CLEANED, ZERO, SEVEN = (f"{name}@mailchimp.example" for name in ("ann", "two", "cleaned", "zero", "seven"))


def test_every_made_up_row_is_accounted_for(all_sources: Project) -> None:
    """Each outcome that a row can have is there, with its reason, and no row is missing."""
    activities = "campaign_recipient_activity"
    assert landing.source_rows(all_sources, "mailchimp") == {
        ("campaign_recipient", "scored", None): 5,
        ("campaign_recipient", "duplicate", None): 1,
        # A campaign that is not there has no time.
        ("campaign_recipient", "quarantined", "missing_occurred_at"): 1,
        (activities, "scored", None): 8,
        (activities, "duplicate", None): 1,
        (activities, "out_of_scope", None): 1,
        (activities, "quarantined", "missing_event_type"): 1,
        (activities, "quarantined", "missing_occurred_at"): 1,
        (activities, "quarantined", "no_identity"): 1,
        (activities, "quarantined", "unreadable_timestamp"): 1,
        (activities, "quarantined", "future_event"): 1,
        ("automation_recipient_activity", "scored", None): 2,
        ("unsubscribe", "scored", None): 1,
    }
    rows_read = {table: len(landing.read(JOINED, table)) for table in EVENT_TABLES}
    assert landing.rows_told(all_sources, "mailchimp") == rows_read


def test_events(all_sources: Project) -> None:
    """Each kind of activity, whose it is, and what it names; activities have no id of their own."""
    events = landing.events_of(all_sources, "mailchimp").values()
    assert Counter(
        (event["event_type"], event["lead"], event["email_id"], event["occurred_at"].isoformat(sep=" "), event["link_url"])
        for event in events
    ) == Counter(
        [
            ("email_delivered", ANN, "c1", "2026-02-01 08:00:00", None),
            ("email_delivered", TWO, "c1", "2026-02-01 08:00:00", None),
            # Whose e-mail came back was written to, but not reached.
            ("email_sent", CLEANED, "c1", "2026-02-01 08:00:00", None),
            ("email_sent", ZERO, "c1", "2026-02-01 08:00:00", None),
            # The row does not name the audience, the campaign does.
            ("email_delivered", ANN, "c2", "2026-03-01 08:00:00", None),
            ("email_opened", ANN, "c1", "2026-02-01 10:00:00", None),
            ("email_opened", ANN, "c1", "2026-02-01 18:00:00", None),
            # Two links in one second are two clicks.
            ("email_clicked", ANN, "c1", "2026-02-01 10:00:30", "https://mailchimp.example/pricing"),
            ("email_clicked", ANN, "c1", "2026-02-01 10:00:30", "https://mailchimp.example/demo"),
            ("email_bounced_hard", CLEANED, "c1", "2026-02-01 08:01:00", None),
            ("email_bounced_soft", ZERO, "c1", "2026-02-01 08:01:00", None),
            # A bounce of no stated kind is not for good.
            ("email_bounced_soft", SEVEN, "c2", "2026-03-01 08:01:00", None),
            # A member that no table knows is a lead without an address.
            ("email_opened", None, "c1", "2026-02-01 11:00:00", None),
            ("email_opened", ANN, "ae1", "2026-02-05 10:00:00", None),
            ("email_clicked", ANN, "ae1", "2026-02-05 10:01:00", "https://mailchimp.example/welcome"),
            ("email_unsubscribed", TWO, "ae1", "2026-02-05 12:00:00", None),
        ]
    )
    assert {event["email_id"]: event["campaign"] for event in events} == {
        "c1": "Spring",
        "c2": "News of March",
        "ae1": "Welcome series",
    }
    assert {event["event_type"]: json.loads(event["properties"]) for event in events if event["properties"]} == {
        "email_bounced_hard": {"bounce_type": "hard"},
        "email_bounced_soft": {"bounce_type": "soft"},
        "email_unsubscribed": {"reason": "Too many e-mails"},
    }


def test_leads(all_sources: Project) -> None:
    """The newest version stands, an opt-out in one audience is one, and only subscribed members agreed."""
    rows = all_sources.rows("select * from marts.dim_leads where email like '%@mailchimp.example'")
    leads = {row["email"]: row for row in rows}
    ann = leads[ANN]
    names = ("contact_id", "first_name", "last_name", "company", "phone", "country")
    assert [ann[name] for name in names] == ["L1:m01", "Ann", "Lee", "Acme, Inc.", "+33 1", "FR"]
    assert (ann["created_at"], ann["consented_at"]) == (datetime(2025, 6, 1, 9), datetime(2025, 6, 2, 10))
    assert leads[TWO]["first_seen_on"] == date(2025, 5, 1)
    assert {email: (lead["is_email_opted_out"], lead["has_marketing_consent"]) for email, lead in leads.items()} == {
        ANN: (False, True),
        TWO: (True, True),
        CLEANED: (None, None),
        ZERO: (False, True),
        SEVEN: (None, False),
        "archived@mailchimp.example": (None, None),
    }
    # Member 007 is not member 7, and who was imported never signed up.
    assert (leads[ZERO]["contact_id"], leads[SEVEN]["contact_id"]) == ("L1:007", "L1:7")
    assert leads[CLEANED]["created_at"] == datetime(2026, 2, 1, 9)


def counted_again(folder: Path) -> landing.Counts:
    """What should become of the rows of the real tables, counted without the project."""
    counts: landing.Counts = Counter()
    campaigns = {row["id"]: row["send_time"] for row in landing.read(folder, "campaign")}
    seen: set[tuple[str, ...]] = set()
    for table in EVENT_TABLES:
        for row in landing.read(folder, table):
            email = row.get("campaign_id") or row.get("automation_email_id") or ""
            time = campaigns.get(email, "") if table == "campaign_recipient" else row["timestamp"]
            key = (table, row.get("action", ""), email, row["list_id"], row["member_id"], row.get("url", ""), time)
            if row.get("action", "open") not in ("open", "click", "bounce"):
                counts[table, "out_of_scope", None] += 1
            elif not time:
                counts[table, "quarantined", "missing_occurred_at"] += 1
            else:
                counts[table, "duplicate" if key in seen else "scored", None] += 1
            seen.add(key)
    return counts


def test_every_real_row_is_accounted_for(all_landed: Project) -> None:
    """The project and the csv module agree on what became of every row, table by table."""
    assert landing.source_rows(all_landed, "mailchimp") == counted_again(REAL)
    assert landing.rows_told(all_landed, "mailchimp") == {table: len(landing.read(REAL, table)) for table in EVENT_TABLES}


def test_real_members_are_leads(all_landed: Project) -> None:
    """Members are told by their address; the only one who left has objected, and her unsubscription names an automation."""
    members = landing.read(REAL, "member")
    rows = all_landed.rows("select contact_id, email, is_email_opted_out from staging.stg_mailchimp__contacts")
    assert {(row["contact_id"], row["email"], row["is_email_opted_out"]) for row in rows} == {
        (f"{row['list_id']}:{row['id']}", row["email_address"], row["status"] == "unsubscribed") for row in members
    }
    events = landing.events_of(all_landed, "mailchimp").values()
    assert {
        (event["event_type"], event["lead"], event["campaign"]) for event in events if event["lead"] and "+" in event["lead"]
    } == {
        ("email_opened", "dylan+testing2@example.co", "Welcome Email"),
        ("email_clicked", "dylan+testing2@example.co", "Welcome Email"),
        # The second automation has no name, its e-mail has one.
        ("email_clicked", "dylan+testing2@example.co", "Welcome Message"),
        ("email_opened", "dylan+testing@example.co", "Welcome Email"),
        ("email_clicked", "dylan+testing@example.co", "Welcome Email"),
        ("email_unsubscribed", "dylan+testing@example.co", "Welcome Email"),
    }


def test_the_copied_tables_are_the_shared_ones(real_data: Callable[[str], Path]) -> None:
    """The copy in the fixtures is equal to the shared data byte for byte, and has the tables that are read."""
    assert landing.copied_files_differ("mailchimp", real_data("seeds_mailchimp")) == []
    assert {file.stem for file in REAL.iterdir()} == set(landing.declared_tables("mailchimp"))
