"""Segment's calls: every row is accounted for, and each trap of the format is met once with the answer known.

There is no real table that may be copied; the made-up ones join.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from hashlib import md5
from typing import Any

import pytest
from building import Project
from landing import SOURCES, events_of, read, rows_told, source_rows

ANN, BEN, CARL = "ann@segment.example", "ben@segment.example", "carl@segment.example"
DORA, GONE = "dora@segment.example", "gone@segment.example"

USERS = {md5(f"contact:segment:{user}".encode()).hexdigest(): user for user in ("007", "7")}
"""Leads that have neither an address nor a contact row, by their id: the user id that they are made of."""


def whose(event: dict[str, Any]) -> str:
    """The address of the lead of an event, or the user id that its lead is made of."""
    return str(event["lead"] or USERS[event["lead_id"]])


@pytest.fixture(scope="module")
def events(all_sources: Project) -> dict[str, dict[str, Any]]:
    """The events that belong to somebody, by their id."""
    return events_of(all_sources, "segment")


def test_every_made_up_row_is_accounted_for(all_sources: Project) -> None:
    """Each outcome that a row can have is there, with its reason, and no row is lost."""
    assert source_rows(all_sources, "segment") == {
        ("tracks", "scored", None): 14,
        # a product, a name of the customer's own, an invitation
        ("tracks", "out_of_scope", None): 3,
        # one with an id and one without
        ("tracks", "duplicate", None): 2,
        ("tracks", "quarantined", "no_identity"): 1,
        ("tracks", "quarantined", "unreadable_timestamp"): 1,
        ("tracks", "quarantined", "unreadable_revenue"): 1,
        ("tracks", "quarantined", "missing_event_type"): 1,
        ("pages", "scored", None): 6,
        ("pages", "out_of_scope", None): 1,
        ("pages", "duplicate", None): 1,
        ("pages", "quarantined", "no_identity"): 1,
        ("screens", "scored", None): 1,
    }
    assert rows_told(all_sources, "segment") == {
        table: len(read(SOURCES / "segment", table)) for table in ("tracks", "pages", "screens")
    }


def test_events(events: dict[str, dict[str, Any]]) -> None:
    """Each name in each spelling, and whose the event is."""
    (without_id,) = set(events) - {f"t{number}" for number in range(1, 21)} - {f"p{number}" for number in range(1, 9)} - {"s1"}
    assert {key: (row["event_type"], whose(row)) for key, row in events.items()} == {
        # An address in a form that a visitor sent identifies the browser, before anybody logs in.
        "t1": ("form_submitted", ANN),
        "t2": ("order_completed", ANN),
        "t3": ("order_completed", ANN),
        "t4": ("trial_started", "007"),
        "t5": ("form_submitted", "7"),
        "t8": ("email_delivered", ANN),
        "t9": ("email_opened", ANN),
        "t10": ("email_clicked_by_machine", ANN),
        "t11": ("email_clicked", ANN),
        "t12": ("email_bounced_soft", GONE),
        "t13": ("email_unsubscribed", "007"),
        # By the user's former id.
        "t16": ("form_submitted", BEN),
        "t17": ("product_used", BEN),
        without_id: ("form_submitted", "7"),
        "p1": ("page_viewed", ANN),
        "p2": ("page_viewed", ANN),
        "p8": ("page_viewed", ANN),
        # One browser, first Ben's and then Carl's, who is the older customer.
        "p4": ("page_viewed", BEN),
        "p5": ("page_viewed", CARL),
        "s1": ("page_viewed", BEN),
    }
    assert len(without_id) == 32


def test_details(events: dict[str, dict[str, Any]]) -> None:
    """Times that are corrected, properties from either place, and the first delivery."""
    assert (events["t2"]["amount"], json.loads(events["t2"]["properties"])) == (100, {"order_id": "o1"})
    assert events["t3"]["amount"] == 12.5
    assert (events["t9"]["email_id"], events["t9"]["campaign"]) == ("m1", "Spring news")
    assert (events["t8"]["email_id"], events["t8"]["campaign"]) == ("m1", "Spring news")
    assert events["t11"]["link_url"] == "https://segment.example/pricing"
    assert (events["t1"]["asset"], events["t1"]["page_path"], events["t1"]["utm_source"]) == ("demo", "/demo", "ad")
    page = events["p1"]
    assert (page["page_path"], page["page_title"], page["session_id"]) == ("/pricing", "Pricing", "b1:1771581600")
    assert (page["utm_source"], page["utm_medium"], page["utm_campaign"]) == ("news", "email", "spring")
    assert (events["p2"]["page_path"], events["p2"]["page_title"], events["p2"]["session_id"]) == ("/", "Home", None)
    # It waited on the device for two days.
    assert events["p8"]["occurred_at"] == datetime(2026, 2, 18, 9)
    assert (events["s1"]["page_title"], events["s1"]["page_path"]) == ("Reports", None)


def test_leads(all_sources: Project) -> None:
    """Calls add up to a contact; one with an address only is a contact, too, one with neither is none."""
    leads = {
        row["email"] or USERS[row["lead_id"]]: row
        for row in all_sources.rows(
            f"select * from marts.dim_leads where email like '%@segment.example' or lead_id in {tuple(USERS)}"
        )
    }
    assert set(leads) == {ANN, BEN, CARL, DORA, GONE, "007", "7"}
    ann = leads[ANN]
    assert {name: ann[name] for name in ("contact_id", "first_name", "company", "job_title", "employee_count")} == {
        "contact_id": "u1",
        # Told by the first call, and not taken back by the second.
        "first_name": "Ann",
        "company": "Acme",
        "job_title": "Head of Growth",
        "employee_count": 250,
    }
    assert (ann["created_at"], ann["first_seen_on"]) == (datetime(2025, 5, 1, 8), date(2025, 5, 1))
    assert leads[CARL]["created_at"] == datetime(2024, 1, 1)
    assert (leads[DORA]["first_name"], leads[DORA]["contact_id"]) == ("Dora", DORA)


def test_aliases_are_merges(all_sources: Project) -> None:
    """A user who got another id is one person; one who got the same is no merge."""
    links = all_sources.rows("select contact_id, merged_into_contact_id, occurred_at from staging.stg_segment__identity_links")
    assert links == [
        {"contact_id": "old-u2", "merged_into_contact_id": "u2", "occurred_at": datetime(2026, 2, 10, 10)},
    ]
