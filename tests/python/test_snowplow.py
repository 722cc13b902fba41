"""Snowplow's atomic events: every row is accounted for, and the visits are those that Snowplow's own models find.

The real events (``tests/fixtures/landed/snowplow``) come with the tables that Snowplow's package makes of them; what is counted here is compared with those, and every
deviation is named with its reason. The made-up ones meet each trap of the format once.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
from building import Project
from landing import AS_OF, LANDED, SOURCES, Row, copied_files_differ, events_of, read, rows_told, source_rows

ANN = "ann@snowplow.example"
WEB_PAGE = "contexts_com_snowplowanalytics_snowplow_web_page_1_0_0"

USERS = {md5(f"contact:snowplow:{user}".encode()).hexdigest(): user for user in ("007", "7")}
"""Leads that have neither an address nor a contact row, by their id: the user id that they are made of."""


def whose(event: dict[str, Any]) -> str:
    """The address of the lead of an event, or the user id that its lead is made of."""
    return str(event["lead"] or USERS[event["lead_id"]])


# --------------------------------------------------------------------------------------------------------------------
# The events that are made up
# --------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def events(all_sources: Project) -> dict[str, dict[str, Any]]:
    """The events that belong to somebody, by their id."""
    return events_of(all_sources, "snowplow")


def test_every_made_up_row_is_accounted_for(all_sources: Project) -> None:
    """Each outcome that a row can have is there, with its reason, and no row is lost."""
    assert source_rows(all_sources, "snowplow") == {
        ("events", "scored", None): 10,
        # five pings, a login, a link, a consent, an item and a step of an order, three robots, an event that nobody knows
        ("events", "out_of_scope", None): 14,
        # delivered twice under one event id, and sent twice under two
        ("events", "duplicate", None): 2,
        ("events", "quarantined", "no_identity"): 1,
        ("events", "quarantined", "future_event"): 1,
        ("events", "quarantined", "unreadable_collector_tstamp"): 1,
        ("events", "quarantined", "missing_event_type"): 1,
    }
    assert rows_told(all_sources, "snowplow") == {"events": len(read(SOURCES / "snowplow", "events"))}


def test_made_up_events(events: dict[str, dict[str, Any]]) -> None:
    """Each type of event, and whose it is; robots have none."""
    assert {key: (row["event_type"], whose(row)) for key, row in events.items()} == {
        "page_view:v1": ("page_viewed", ANN),
        "page_view:v2": ("page_viewed", ANN),
        "e7": ("form_submitted", ANN),
        "e8": ("site_searched", ANN),
        "e12": ("order_completed", "007"),
        "e14": ("order_completed", "007"),
        "page_view:v6": ("page_viewed", "7"),
        # On a telephone called Cubot.
        "page_view:v10": ("page_viewed", "007"),
        "e28": ("page_viewed", "007"),
    }


def test_details(events: dict[str, dict[str, Any]]) -> None:
    """The first delivery stands; times, pages, tags, forms and money."""
    view = events["page_view:v1"]
    assert (view["page_title"], view["occurred_at"]) == ("Pricing", datetime(2026, 2, 20, 10))
    assert (view["page_path"], view["referrer"], view["session_id"], view["anonymous_id"]) == (
        "/pricing",
        "https://mail.example/",
        "s1",
        "d1",
    )
    assert (view["utm_source"], view["utm_medium"], view["utm_campaign"]) == ("news", "email", "spring")
    # Three heartbeats, one of them told twice; the ping of a later visit to the page that was left open is not among them.
    assert view["duration_seconds"] == 25
    # By the corrected time, not by a clock that is a year behind.
    assert (events["page_view:v2"]["occurred_at"], events["page_view:v2"]["duration_seconds"]) == (
        datetime(2026, 2, 20, 10, 1),
        None,
    )
    assert events["e7"]["asset"] == "demo"
    assert json.loads(json.loads(events["e8"]["properties"])["search_terms"]) == ["price", "list"]
    assert (events["e12"]["amount"], json.loads(events["e12"]["properties"])) == (90, {"order_id": "o1"})
    assert (events["e14"]["amount"], json.loads(events["e14"]["properties"])) == (50, {"order_id": "o2"})
    assert events["page_view:v10"]["page_path"] == "/"
    assert (events["page_view:v6"]["session_id"], events["page_view:v6"]["anonymous_id"]) == (None, None)


def test_load_time_is_the_loaders(all_sources: Project) -> None:
    """Where the pipeline says when a row was loaded that counts, else when the collector received it."""
    rows = all_sources.rows(
        "select event_id, loaded_at from staging.stg_snowplow__events where event_id in ('page_view:v2', 'e7')"
    )
    assert {row["event_id"]: row["loaded_at"] for row in rows} == {
        "page_view:v2": datetime(2026, 2, 20, 10, 30),
        "e7": datetime(2026, 2, 20, 10, 2),
    }


# --------------------------------------------------------------------------------------------------------------------
# The real events
# --------------------------------------------------------------------------------------------------------------------


def real(name: str) -> list[Row]:
    """A real table: the events, or what Snowplow's models make of them."""
    return read(LANDED / "snowplow", f"snowplow_web_{name}")


def event_id(row: Row) -> str:
    """The id of a page view is its own, of anything else that of the event."""
    (entity,) = json.loads(row[WEB_PAGE].replace("[[", "[").replace("]]", "]"))
    return f"page_view:{entity['id']}" if row["event"] == "page_view" and entity["id"] else row["event_id"]


def time(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture(scope="module")
def sessions(all_landed: Project) -> dict[str, dict[str, Any]]:
    """What the project knows of each real visit: page views, seconds, first and last event."""
    rows = all_landed.rows(
        "select session_id, sum(case when event_type = 'page_viewed' then 1 else 0 end) as page_views,"
        " coalesce(sum(duration_seconds), 0) as seconds, min(occurred_at) as started_at, max(occurred_at) as ended_at"
        " from intermediate.int_events_attributed where source = 'snowplow' group by session_id"
    )
    return {row["session_id"]: row for row in rows}


def test_every_real_row_is_accounted_for(all_landed: Project) -> None:
    """Page views count once, pings and the customer's own events are out of scope; each row is one or the other."""
    rows = real("events")
    views = Counter(event_id(row) for row in rows if row["event"] == "page_view")
    assert source_rows(all_landed, "snowplow") == {
        ("events", "scored", None): len(views),
        ("events", "duplicate", None): views.total() - len(views),
        ("events", "out_of_scope", None): len(rows) - views.total(),
    }
    # One event id that came twice, and one page view that was sent under two.
    assert views.total() - len(views) == 2
    assert rows_told(all_landed, "snowplow") == {"events": len(rows)}


def test_page_views_are_snowplows(all_landed: Project) -> None:
    """All page views of Snowplow's model are ours, with the same visit and time; of ours it leaves out those named here."""
    ours = events_of(all_landed, "snowplow")
    expected = {f"page_view:{row['page_view_id']}": row for row in real("page_views_expected")}
    assert set(expected) - set(ours) == set()
    # Of a page view that was sent twice Snowplow keeps the one that happened first, we the one that arrived first.
    differing = [
        key
        for key, row in expected.items()
        if (ours[key]["session_id"], ours[key]["occurred_at"]) != (row["domain_sessionid"], time(row["derived_tstamp"]))
    ]
    assert [(ours[key]["contact_id"], key.startswith("page_view:320e0ef8")) for key in differing] == [
        ("dupe: page_view_id different derived_tstamp", True)
    ]
    left_out = Counter(ours[key]["contact_id"] for key in set(ours) - set(expected))
    assert left_out == {
        # A visit is cut off after three days; to us it goes on.
        "long session": 2,
        # Sent more than three days after it was made.
        "late arriving: device created/sent >3 days": 1,
        # It has no id of a page view, so it is none to Snowplow.
        "NULL page_view_id": 1,
        # The second event of a visit that began eight months before.
        "Unexpired session": 1,
    }


def test_visits_are_snowplows(sessions: dict[str, dict[str, Any]]) -> None:
    """Page views, time, start and end of each visit are those of Snowplow's model, but for the visits named here."""
    expected = {row["domain_sessionid"]: row for row in real("sessions_expected")}
    # A ping without its page view makes a visit of one page view to Snowplow; to us it is no page view.
    strays = set(expected) - set(sessions)
    assert {expected[session]["user_id"] for session in strays} == {"No edge cases", "stray page ping"}
    assert [expected[session]["engaged_time_in_s"] for session in strays] == ["5", "5", "5"]
    counted = {session: row for session, row in expected.items() if session not in strays}

    views = {session: (sessions[session]["page_views"], int(row["page_views"])) for session, row in counted.items()}
    assert {counted[session]["user_id"]: pair for session, pair in views.items() if pair[0] != pair[1]} == {
        # The same two visits as among the page views: what lies more than three days behind the start of a visit is cut off.
        "long session": (4, 2),
        "Unexpired session": (2, 1),
    }
    assert {session: sessions[session]["seconds"] for session in counted} == {
        session: int(row["engaged_time_in_s"]) for session, row in counted.items()
    }

    # Our events in scope are page views here: where Snowplow's visit begins or ends with another event (a click, a ping, a cookie), ours begins later or ends earlier.
    page_views: dict[str, list[datetime]] = {}
    for row in real("page_views_expected"):
        page_views.setdefault(row["domain_sessionid"], []).append(time(row["derived_tstamp"]))
    cut_off = {session for session, pair in views.items() if pair[0] != pair[1]}
    for session, row in counted.items():
        ours = sessions[session]
        assert time(row["start_tstamp"]) <= ours["started_at"] == min(page_views[session]), session
        if session not in cut_off:
            assert time(row["end_tstamp"]) >= ours["ended_at"] == max(page_views[session]), session
    same = [session for session, row in counted.items() if sessions[session]["started_at"] == time(row["start_tstamp"])]
    assert len(same) == len(counted) - 2


def test_browsers_are_stitched_as_snowplow_does(all_landed: Project) -> None:
    """Who sat at a browser last is the user that Snowplow stitches to it."""
    last = all_landed.rows(
        "select anonymous_id, lead_id from intermediate.int_anonymous_identifications where identified_until is null"
    )
    leads = {row["anonymous_id"]: row["lead_id"] for row in last}
    stitched = {row["domain_userid"]: row["stitched_user_id"] for row in real("sessions_expected") if row["domain_userid"]}
    assert len(stitched) == len(real("users_expected")) == 11
    assert {browser: leads[browser] for browser in stitched} == {
        browser: md5(f"contact:snowplow:{user}".encode()).hexdigest() for browser, user in stitched.items()
    }


@pytest.fixture(scope="module")
def visits_made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The visits that the project makes itself of the real page views, by page view, when the events do not say which visit they belong to."""
    folder = tmp_path_factory.mktemp("without_visits")
    (folder / "raw" / "snowplow").mkdir(parents=True)
    rows = [{name: "" if name.startswith("domain_session") else cell for name, cell in row.items()} for row in real("events")]
    with (folder / "raw" / "snowplow" / "events.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    project = Project(folder / "project")
    project.build(folder / "raw", {"as_of_date": AS_OF, "lead_scoring_sources": ["snowplow"]})
    made = project.rows("select event_key, session_id from intermediate.int_events_counted where event_type = 'page_viewed'")
    return {row["event_key"].removeprefix("snowplow:"): row["session_id"] for row in made}


def test_visits_that_are_made_are_snowplows(visits_made: dict[str, str], all_landed: Project) -> None:
    """Without the ids of visits the page views of each browser fall into the visits that Snowplow's tracker made, but for those named here."""
    views = {key: row for key, row in events_of(all_landed, "snowplow").items() if row["event_type"] == "page_viewed"}
    assert set(visits_made) == set(views)
    told: dict[str, set[str]] = {}
    made: dict[str, set[str]] = {}
    for key, row in views.items():
        told.setdefault(row["session_id"], set()).add(key)
        made.setdefault(visits_made[key], set()).add(key)
    differing = {frozenset(keys) for keys in told.values()} - {frozenset(keys) for keys in made.values()}
    assert (len(told), len(differing)) == (17, 9)
    assert Counter(re.sub(r": 2nd id.*", "", views[min(keys)]["contact_id"]) for keys in differing) == {
        # Two ids of visits at the same moments on one browser: to us one visit.
        "Multiple first sessions per user": 2,
        "Multiple last sessions per user": 2,
        # One id of a visit on three browsers: to us three.
        "Rotating domain_userid per session": 1,
        # Days and months between two pages under one id: silence ends a visit.
        "long session": 1,
        "Unexpired session": 1,
        # Somebody came back through another campaign.
        "dupe: event_id same collector_tstamp": 1,
        # Six people signed in one after the other under one id: each has visits of their own.
        "user stitch - session": 1,
    }


def test_the_copied_tables_are_the_shared_ones(real_data: Callable[[str], Path]) -> None:
    """Where the shared data is here, the copy in the fixtures is equal to it byte for byte."""
    assert copied_files_differ("snowplow", real_data("snowplow_web")) == []
