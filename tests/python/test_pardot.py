"""Pardot as Fivetran lands it: every row is accounted for, and each trap of the format is met once with the answer known.

No real table may be copied here; those of ``tests/fixtures/sources/pardot`` are ours, small, and join. What the time zone of the API's user does is in the unit tests of
``models/staging/pardot``.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import landing
from building import REPOSITORY, Project

FOLDER = landing.SOURCES / "pardot"
ANN, BEN, BACK = "ann@pardot.example", "ben@pardot.example", "back@pardot.example"
SEVEN, ZERO, LEFT, TWO = "seven@pardot.example", "zero@pardot.example", "left@pardot.example", "two@pardot.example"
TYPES = {str(number) for number in range(1, 39)}


def test_every_row_is_accounted_for(all_sources: Project) -> None:
    """Each outcome that a row can have is there, with its reason."""
    assert landing.source_rows(all_sources, "pardot") == {
        ("visitor_activity", "scored", None): 45,
        # A click and a view of nothing, the view of a form, 15, 18, 19, 23, 31, 32, 33, 34, 38, and a number that nobody knows.
        ("visitor_activity", "out_of_scope", None): 13,
        # One that was loaded again, one that stands among the page views, too.
        ("visitor_activity", "duplicate", None): 2,
        # Of the deleted prospect, of the one in the recycle bin, and of the one who came back.
        ("visitor_activity", "erased", None): 3,
        ("visitor_activity", "quarantined", "missing_event_type"): 1,
        ("visitor_activity", "quarantined", "no_identity"): 1,
        ("visitor_activity", "quarantined", "unreadable_created_at"): 1,
        ("visitor_activity", "quarantined", "missing_occurred_at"): 1,
        ("visitor_activity", "quarantined", "future_event"): 1,
        ("visitor_activity", "quarantined", "unreadable_duration_in_seconds"): 1,
        ("visitor_page_view", "scored", None): 3,
        ("visitor_page_view", "erased", None): 1,
        ("visitor_page_view", "quarantined", "no_identity"): 1,
        ("visitor_page_view", "quarantined", "unreadable_created_at"): 1,
    }


def test_no_row_is_lost(all_sources: Project) -> None:
    """Rows read are rows told of, table by table, as the csv module counts them."""
    assert landing.rows_told(all_sources, "pardot") == {
        table: len(landing.read(FOLDER, table)) for table in ("visitor_activity", "visitor_page_view")
    }


def test_every_type_is_met_and_listed() -> None:
    """The fixtures have each of the 38 types, and the seed says of each what becomes of it."""
    assert {row["type"] for row in landing.read(FOLDER, "visitor_activity")} == TYPES | {"99", ""}
    with (REPOSITORY / "seeds" / "source_event_types.csv").open(encoding="utf-8", newline="") as file:
        listed = [row["native_code"] for row in csv.DictReader(file) if row["source"] == "pardot"]
    assert {code for code in listed if "_" not in code} == TYPES
    assert len(listed) == len(set(listed))


def test_events(all_sources: Project) -> None:
    """Each type of activity, by its asset, and whose it is."""
    events = landing.events_of(all_sources, "pardot")
    assert {key: (row["event_type"], row["lead"]) for key, row in events.items()} == {
        "a01": ("email_clicked", ANN),
        "a02": ("ad_clicked", ANN),
        "a03": ("ad_clicked", ANN),
        # Without any id, by the name of the type.
        "a05": ("email_clicked", ANN),
        "a06": ("file_downloaded", ANN),
        "a07": ("page_viewed", ANN),
        "a11": ("form_failed", ANN),
        "a12": ("form_failed", ANN),
        "a13": ("form_failed", ANN),
        "a14": ("form_submitted", ANN),
        "a15": ("form_submitted", ANN),
        "a16": ("form_submitted", ANN),
        "a17": ("session_started", ANN),
        "a18": ("email_sent", ANN),
        "a19": ("site_searched", ANN),
        "a20": ("opportunity_created", ANN),
        "a21": ("opportunity_won", ANN),
        "a22": ("opportunity_lost", ANN),
        "a23": ("email_opened", ANN),
        "a24": ("email_unsubscribed", BEN),
        # He has bounced for good, she has not.
        "a25": ("email_bounced_hard", BEN),
        "a26": ("email_bounced_soft", ANN),
        "a27": ("email_marked_spam", BEN),
        "a29": ("email_subscribed", ANN),
        "a30": ("ad_clicked", ANN),
        "a33": ("session_started", ANN),
        "a34": ("ad_clicked", ANN),
        "a35": ("chat_started", ANN),
        "a37": ("webinar_attended", ANN),
        "a38": ("webinar_registered", ANN),
        "a39": ("social_engaged", ANN),
        "a40": ("video_viewed", ANN),
        "a41": ("event_registered", ANN),
        "a42": ("event_attended", ANN),
        "a43": ("form_submitted", ANN),
        "a48": ("email_unsubscribed", ZERO),
        "a49": ("email_bounced_soft", SEVEN),
        "a50": ("email_subscribed", TWO),
        # Her visitor, as the table of visitors knows; another's, as a later activity shows.
        "a54": ("chat_started", ANN),
        "a55": ("chat_started", TWO),
        "a56": ("form_submitted", TWO),
        "a61": ("email_opened", BACK),
        # Loaded again when the visitor had become a prospect.
        "a66": ("site_searched", BACK),
        # Of a prospect that the table of prospects does not have.
        "a68": ("email_opened", None),
        "page_view:400": ("page_viewed", ANN),
        "page_view:401": ("page_viewed", TWO),
        # An activity and a page view, and one event.
        "page_view:402": ("page_viewed", ANN),
    }


def test_fields_of_events(all_sources: Project) -> None:
    """E-mails, links, assets, pages, campaigns, visits, and the code for rules that want it."""
    events = landing.events_of(all_sources, "pardot")
    click = events["a01"]
    assert (click["email_id"], click["campaign"], click["link_url"], click["page_path"]) == (
        "583",
        "Spring",
        "https://pardot.example/pricing?utm_source=mail",
        None,
    )
    assert click["occurred_at"] == datetime(2026, 2, 1, 10)
    # A campaign without a row keeps its id.
    assert (events["a23"]["campaign"], events["a26"]["email_id"]) == ("2", "585")
    assert {key: events[key]["asset"] for key in ("a01", "a02", "a03", "a06", "a12", "a15", "a16", "a19", "a40")} == {
        "a01": None,
        "a02": "Banner at the fair",
        "a03": "31",
        "a06": "Price list",
        "a12": "61",
        "a15": "Trial",
        "a16": "Offer",
        "a19": "prices",
        "a40": "Tour",
    }
    assert json.loads(events["a16"]["properties"]) == {
        "activity": "4_LANDING_PAGE",
        "type_name": "Landing Page",
        "details": "Offer",
    }
    assert events["a07"]["page_path"] == "/offer"
    visit = events["a33"]
    assert (visit["session_id"], visit["duration_seconds"], visit["utm_source"], visit["utm_medium"], visit["utm_campaign"]) == (
        "300",
        95,
        "news",
        "email",
        "spring",
    )
    # The page's own parameter goes before that of the visit, and the length belongs to the visit's row alone.
    view = events["page_view:400"]
    assert (view["page_path"], view["page_title"], view["session_id"], view["utm_source"], view["utm_medium"]) == (
        "/pricing",
        "Prices",
        "300",
        "ads",
        "email",
    )
    assert sum(row["duration_seconds"] or 0 for row in events.values()) == 95


def test_unknown_visitors_are_kept(all_sources: Project) -> None:
    """A visitor who never became a prospect is nobody's, and not lost."""
    (row,) = all_sources.rows(
        "select identified_lead_id, anonymous_id from intermediate.int_events_deduplicated where event_key = 'pardot:a57'"
    )
    assert row == {"identified_lead_id": None, "anonymous_id": "201"}
    assert "a57" not in landing.events_of(all_sources, "pardot")


def test_leads(all_sources: Project) -> None:
    """Prospects become leads: deleted ones do not, 007 and 7 are two, texts become numbers."""
    contacts = {row["contact_id"] for row in all_sources.rows("select contact_id from staging.stg_pardot__contacts")}
    assert contacts == {"100", "101", "007", "7", "102", "103", "104", "105", "106", "107", "108"}
    rows = all_sources.rows("select * from marts.dim_leads where email like '%@pardot.example'")
    leads = {row["email"]: row for row in rows}
    assert set(leads) == {ANN, BEN, BACK, SEVEN, ZERO, LEFT, TWO}
    ann = leads[ANN]
    assert {
        name: ann[name]
        for name in (
            "contact_id", "first_name", "last_name", "company", "company_domain", "job_title", "department", "industry", "country", "city", "phone",
            "employee_count", "annual_revenue", "lead_source", "owner", "first_seen_on",
        )
    } == {
        "contact_id": "100",
        "first_name": "Ann",
        "last_name": "Arbor",
        "company": "Acme, Inc.",
        "company_domain": "acme-pardot.example",
        "job_title": 'Head of "Growth"',
        "department": "Marketing",
        "industry": "Software",
        "country": "France",
        "city": "Lyon",
        "phone": "+33 4 00",
        "employee_count": 25,
        "annual_revenue": 1500000,
        "lead_source": "Spring",
        "owner": "900",
        "first_seen_on": date(2025, 6, 1),
    }  # fmt: skip
    ben = leads[BEN]
    assert (ben["employee_count"], ben["annual_revenue"], ben["lead_source"], ben["owner"]) == (1000, None, "Fair", "006")
    assert (leads[ZERO]["contact_id"], leads[SEVEN]["contact_id"]) == ("007", "7")
    # By opting out, by not wanting e-mails, by leaving every list; not by leaving one of two.
    assert {email for email, row in leads.items() if row["is_email_opted_out"]} == {BEN, ZERO, LEFT}
    # Nothing of the prospect that was deleted before the person came back.
    assert (leads[BACK]["contact_id"], leads[BACK]["first_name"]) == ("104", "Back")
    assert leads[BACK]["first_seen_on"] == date(2026, 2, 1)


def test_outcomes(all_sources: Project) -> None:
    """A won opportunity without a date is dated by its activity; money is shared, and counted once."""
    rows = all_sources.rows(
        "select outcomes.outcome_id, outcomes.outcome, outcomes.amount, outcomes.occurred_on, leads.email"
        " from intermediate.int_outcomes_resolved as outcomes inner join marts.dim_leads as leads on outcomes.lead_id = leads.lead_id"
        " where leads.email like '%@pardot.example'"
    )
    assert {row["outcome_id"]: (row["email"], row["outcome"], row["amount"], row["occurred_on"]) for row in rows} == {
        "o1:100": (ANN, "won", Decimal("500"), date(2026, 2, 5)),
        "o1:106": (TWO, "won", Decimal("500"), date(2026, 2, 5)),
        "o2:007": (ZERO, "lost", Decimal("300"), date(2026, 2, 14)),
    }
    rejected = all_sources.rows("select raw_table, reason from quarantine.records where source = 'pardot'")
    assert Counter((row["raw_table"], row["reason"]) for row in rejected) == {("opportunity", "no_identity"): 1}


def test_nothing_is_left_of_deleted_prospects(all_sources: Project) -> None:
    """Gone for good or in the recycle bin: neither address nor name is in any table; an address that another prospect bears stays."""
    erasures = all_sources.rows("select contact_id, email from staging.stg_pardot__erasures")
    assert {row["contact_id"]: row["email"] for row in erasures} == {
        "102": "gone@pardot.example",
        "103": None,
        "108": "bin@pardot.example",
    }
    words = ("gone@pardot.example", "bin@pardot.example", "Back, the first time", "Mail to the deleted prospect")
    assert landing.tables_with(all_sources, *words) == []
