"""GA4's export: every row is accounted for, and each trap of the format is met once with the answer known.

The real table has six events and hardly any parameter; the made-up one has a visit in which every rule of ``docs/sources/ga4.md`` shows.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
from building import Project
from landing import LANDED, SOURCES, copied_files_differ, events_of, read, rows_told, source_rows

ANN, STRANGER = "ann@ga4.example", "999.9"
PRICING = "/pricing"

USERS = {md5(f"contact:ga4:{user}".encode()).hexdigest(): user for user in ("007", "7", "user_123")}
"""Leads that have neither an address nor a contact row, by their id: the user id that they are made of."""


def whose(event: dict[str, Any]) -> str:
    """The address of the lead of an event, or the user id that its lead is made of."""
    return str(event["lead"] or USERS[event["lead_id"]])


@pytest.fixture(scope="module")
def events(all_sources: Project) -> list[dict[str, Any]]:
    """The events that belong to somebody, in the order of time."""
    return sorted(events_of(all_sources, "ga4").values(), key=lambda row: (row["occurred_at"], row["event_type"]))


def test_every_made_up_row_is_accounted_for(all_sources: Project) -> None:
    """Each outcome that a row can have is there, with its reason, and no row is lost."""
    assert source_rows(all_sources, "ga4") == {
        # nine of Ann's, two each of two other people, one of a visitor whom nobody knows
        ("event", "scored", None): 14,
        # first_visit, scroll twice, user_engagement, video_start, video_progress, two without consent, one that the customer named
        ("event", "out_of_scope", None): 9,
        # a page view of the running day that the day's table holds, too, and a confirmation page that was opened anew
        ("event", "duplicate", None): 2,
        ("event", "quarantined", "unreadable_timestamp"): 1,
        ("event", "quarantined", "future_event"): 1,
        ("event", "quarantined", "missing_event_type"): 1,
    }
    assert rows_told(all_sources, "ga4") == {"event": len(read(SOURCES / "ga4", "event"))}


def test_whose_events_they_are(events: list[dict[str, Any]]) -> None:
    """An address identifies its browser, also for what was done before; 007 is not 7; a visitor without a name is nobody."""
    assert Counter((whose(row), row["event_type"]) for row in events) == {
        (ANN, "session_started"): 1,
        # the late one included
        (ANN, "page_viewed"): 3,
        (ANN, "file_downloaded"): 1,
        (ANN, "site_searched"): 1,
        (ANN, "video_viewed"): 1,
        (ANN, "form_submitted"): 1,
        (ANN, "order_completed"): 1,
        # At one microsecond, told apart by their place in the batch.
        ("007", "page_viewed"): 2,
        # Without consent, but logged in; and a screen of the app.
        ("7", "page_viewed"): 2,
    }
    assert STRANGER not in {row["anonymous_id"] for row in events}
    assert {row["anonymous_id"] for row in events if whose(row) == "7"} == {None, "333.3"}


def one(events: list[dict[str, Any]], lead: str, event_type: str, page_path: str | None = None) -> dict[str, Any]:
    """The one event of a lead of a type, on a page."""
    (found,) = [
        row
        for row in events
        if (whose(row), row["event_type"]) == (lead, event_type) and (page_path is None or row["page_path"] == page_path)
    ]
    return found


def test_visits_are_told_apart(events: list[dict[str, Any]]) -> None:
    """Two browsers whose visits began in the same second have two visits."""
    assert {row["session_id"] for row in events if whose(row) == "007"} == {"222.2:1771581600"}
    assert one(events, ANN, "form_submitted")["session_id"] == "111.1:1771581600"
    assert {row["session_id"] for row in events if whose(row) == "7"} == {None, "333.3:1"}


def test_tags_are_only_tags(events: list[dict[str, Any]]) -> None:
    """What GA4 worked out by itself is no UTM tag; the URL and the columns of the event are."""
    pricing = one(events, ANN, "page_viewed", PRICING)
    assert (pricing["utm_source"], pricing["utm_medium"], pricing["utm_campaign"]) == ("news", "email", "spring")
    assert pricing["campaign"] is None
    docs = one(events, ANN, "page_viewed", "/docs")
    assert (docs["utm_source"], docs["utm_medium"], docs["utm_campaign"], docs["campaign"]) == (
        "partner",
        None,
        "launch",
        "launch",
    )
    late = one(events, ANN, "page_viewed", "/late")
    assert (late["utm_source"], late["utm_medium"], late["utm_campaign"], late["campaign"]) == (None, None, None, None)


def test_no_time_is_lost_and_none_counts_twice(events: list[dict[str, Any]]) -> None:
    """The time of scrolling and leaving counts on the page before; what came twice counts once; the sum is the visit's."""
    seconds = {
        (row["event_type"], row["page_path"]): row["duration_seconds"]
        for row in events
        if row["session_id"] == "111.1:1771581600"
    }
    assert seconds == {
        # first_visit, which stands before it
        ("session_started", PRICING): pytest.approx(0.001),
        ("page_viewed", PRICING): pytest.approx(0.099 + 15 + 20),
        ("page_viewed", "/docs"): pytest.approx(0.5),
        ("file_downloaded", "/docs"): pytest.approx(3),
        # the half of the video that was watched by then
        ("site_searched", "/search"): pytest.approx(30),
        # where the video was left, which is more than the time since the last event
        ("video_viewed", None): pytest.approx(90),
        ("form_submitted", "/demo"): None,
        ("order_completed", None): None,
    }


def test_details(events: list[dict[str, Any]]) -> None:
    """Assets, searches, money and times."""
    assert one(events, ANN, "file_downloaded")["asset"] == "/guide.pdf"
    assert one(events, ANN, "file_downloaded")["link_url"] == "https://ga4.example/guide.pdf"
    assert one(events, ANN, "form_submitted")["asset"] == "demo"
    assert one(events, ANN, "video_viewed")["asset"] == "Tour"
    assert json.loads(one(events, ANN, "site_searched")["properties"]) == {"search_term": "price"}
    order = one(events, ANN, "order_completed")
    # In dollars, whatever the currency; the first of the two.
    assert (order["amount"], order["occurred_at"]) == (55, datetime(2026, 2, 20, 10, 10))
    assert json.loads(order["properties"]) == {"transaction_id": "T1", "currency": "EUR"}
    # 1771675200000000 microseconds
    assert one(events, ANN, "page_viewed", "/late")["occurred_at"] == datetime(2026, 2, 21, 12)
    pricing = one(events, ANN, "page_viewed", PRICING)
    assert pricing["occurred_at"] == datetime(2026, 2, 20, 10, 0, 0, 1)
    # The row of the day's table stands, not that of the running day.
    assert pricing["referrer"] == "https://www.google.com/"


def test_every_real_row_is_accounted_for(all_landed: Project) -> None:
    """Of the six real events one is a purchase, and it is somebody's."""
    rows = read(LANDED / "ga4", "event_data")
    purchases = [row for row in rows if row["name"] == "purchase"]
    assert source_rows(all_landed, "ga4") == {
        ("event", "scored", None): len(purchases),
        ("event", "out_of_scope", None): len(rows) - len(purchases),
    }
    assert rows_told(all_landed, "ga4") == {"event": len(rows)}
    (row,) = purchases
    (event,) = events_of(all_landed, "ga4").values()
    assert (whose(event), event["anonymous_id"], event["amount"], event["session_id"], event["occurred_at"]) == (
        row["user_id"],
        row["user_pseudo_id"],
        float(row["ecommerce_purchase_revenue_in_usd"]),
        f"{row['user_pseudo_id']}:{row['param_ga_session_id']}",
        datetime.fromisoformat(row["timestamp"]),
    )
    assert event["event_key"] == f"ga4:purchase:{row['user_pseudo_id']}:{row['ecommerce_transaction_id']}"
    # Its medium `organic` is GA4's own word, its campaign was named by somebody.
    assert (event["utm_source"], event["utm_medium"], event["utm_campaign"], event["campaign"]) == (
        None,
        None,
        None,
        "campaign_1",
    )


def test_the_copied_table_is_the_shared_one(real_data: Callable[[str], Path]) -> None:
    """Where the shared data is here, the copy in the fixtures is equal to it byte for byte."""
    assert copied_files_differ("ga4", real_data("seeds_ga4_export")) == []
