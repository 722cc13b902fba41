"""SharpSpring as its API gives it: every row is accounted for, and each trap of the format is met once with the answer known.

No real table was to be had; those of ``tests/fixtures/sources/sharpspring`` are ours, small, and join. What the time zone of version 1 of the API does is in the unit
tests of ``models/staging/sharpspring``.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import landing
from building import REPOSITORY, Project

FOLDER = landing.SOURCES / "sharpspring"
ANN, BEN, CARL = "ann@sharpspring.example", "ben@sharpspring.example", "carl@sharpspring.example"
SEVEN, ZERO = "seven@sharpspring.example", "zero@sharpspring.example"
CODES = set(
    "callConvert cartComplete changeLeadStatus dealStageChange emailSent emailOpened emailClick emailBounce emailSpamComplaint emailUnsubscribe emailVisit formSubmit"
    " importantPageVisit incomingCall leadCreation leadOwnerChange mailboxRecv mailboxSend mailboxEmailOpen mediaOpen oppCreate oppLost oppWon outgoingCall pageVisit"
    " referredOnTheForm shoppingCartAbandoned".split()
)
"""Every code of the vendor's article on events."""


def test_every_row_is_accounted_for(all_sources: Project) -> None:
    """Each outcome that a row can have is there, with its reason."""
    assert landing.source_rows(all_sources, "sharpspring") == {
        ("event", "scored", None): 22,
        # callConvert, changeLeadStatus, dealStageChange, emailVisit, leadCreation, leadOwnerChange, mailboxSend, outgoingCall, referredOnTheForm, a code that nobody knows
        ("event", "out_of_scope", None): 10,
        ("event", "duplicate", None): 1,
        ("event", "quarantined", "missing_event_type"): 1,
        ("event", "quarantined", "no_identity"): 1,
        ("event", "quarantined", "unreadable_createTimestamp"): 1,
        # A line that was cut off.
        ("event", "quarantined", "unreadable_json"): 1,
    }


def test_no_row_is_lost(all_sources: Project) -> None:
    """Lines read are lines told of."""
    lines = (FOLDER / "event.jsonl").read_text(encoding="utf-8").splitlines()
    assert landing.rows_told(all_sources, "sharpspring") == {"event": len(lines)}


def test_every_code_is_met_and_listed() -> None:
    """The fixtures have each code of the vendor, and the seed says of each what becomes of it."""
    lines = (FOLDER / "event.jsonl").read_text(encoding="utf-8").splitlines()[:-1]
    met = {str(json.loads(line)["eventSource"]).lower() for line in lines}
    assert met == {code.lower() for code in CODES} | {"web", "hologramseen", "none"}
    with (REPOSITORY / "seeds" / "source_event_types.csv").open(encoding="utf-8", newline="") as file:
        listed = [row["native_code"] for row in csv.DictReader(file) if row["source"] == "sharpspring"]
    assert Counter(listed) == Counter(CODES)


def test_events(all_sources: Project) -> None:
    """Each code, and whose event it is."""
    events = landing.events_of(all_sources, "sharpspring")
    assert {key: (row["event_type"], row["lead"]) for key, row in events.items()} == {
        "3": ("order_completed", ANN),
        "6": ("email_sent", ANN),
        "7": ("email_opened", ANN),
        "8": ("email_clicked", ANN),
        "9": ("email_bounced_soft", BEN),
        "10": ("email_marked_spam", BEN),
        "11": ("email_unsubscribed", BEN),
        "13": ("form_submitted", ANN),
        "14": ("page_viewed", ANN),
        "15": ("call_completed", ANN),
        "17": ("email_replied", ANN),
        "19": ("email_opened", ANN),
        "20": ("file_downloaded", ANN),
        "21": ("opportunity_created", ANN),
        "22": ("opportunity_lost", ANN),
        "23": ("opportunity_won", ANN),
        "25": ("page_viewed", ANN),
        "27": ("cart_abandoned", ANN),
        # By its name, since nobody lists its source.
        "28": ("page_viewed", ANN),
        "33": ("page_viewed", ZERO),
        "34": ("page_viewed", SEVEN),
        # Of a lead that was not fetched.
        "35": ("form_submitted", None),
    }


def test_fields_of_events(all_sources: Project) -> None:
    """E-mails, links, pages and assets out of whatID and eventData; a time of loading out of the event's own."""
    events = landing.events_of(all_sources, "sharpspring")
    assert {key: events[key]["email_id"] for key in ("6", "7", "8", "9", "13", "23")} == {
        "6": "70",
        "7": "70",
        "8": "70",
        "9": "70",
        "13": None,
        "23": None,
    }
    assert (events["8"]["link_url"], events["8"]["utm_campaign"]) == (
        "https://sharpspring.example/pricing?utm_campaign=spring",
        "spring",
    )
    assert {key: events[key]["page_path"] for key in ("8", "14", "25", "28", "33", "34")} == {
        "8": None,
        "14": "/pricing",
        "25": "/demo",
        "28": "/",
        "33": "/",
        "34": None,
    }
    page = events["25"]
    assert (page["page_title"], page["utm_source"], page["utm_medium"]) == ("Demo", "ads", "cpc")
    assert (events["13"]["asset"], events["20"]["asset"], events["25"]["asset"]) == ("form:12", "media:44", None)
    assert json.loads(events["13"]["properties"]) == {
        "event_source": "formSubmit",
        "what_type": "form",
        "what_id": "12",
        "event_data": "name=Ann&city=Rom\nab",
    }
    (row,) = all_sources.rows(
        "select occurred_at, loaded_at, event_version from staging.stg_sharpspring__events where event_id = '7'"
    )
    assert row == {"occurred_at": datetime(2026, 2, 2, 11), "loaded_at": datetime(2026, 2, 2, 11), "event_version": None}


def test_a_bounce_is_no_engagement(all_sources: Project) -> None:
    """Bounces, complaints and unsubscriptions leave the last activity where it was."""
    rows = all_sources.rows(f"select email, last_activity_on from marts.dim_leads where email in ('{ANN}', '{BEN}')")
    assert {row["email"]: row["last_activity_on"] for row in rows} == {ANN: date(2026, 2, 5), BEN: None}


def test_leads(all_sources: Project) -> None:
    """Leads become contacts: of their company the account knows more, 007 and 7 are two, a switched off one is known as such."""
    rows = all_sources.rows("select * from marts.dim_leads where email like '%@sharpspring.example'")
    leads = {row["email"]: row for row in rows}
    assert set(leads) == {ANN, BEN, CARL, SEVEN, ZERO}
    ann = leads[ANN]
    assert {
        name: ann[name]
        for name in (
            "contact_id", "first_name", "last_name", "company", "company_domain", "job_title", "industry", "country", "city", "phone", "employee_count",
            "annual_revenue", "lead_source", "persona", "owner", "lifecycle_stage", "is_email_opted_out", "created_at",
        )
    } == {
        "contact_id": "501",
        "first_name": "Ann",
        "last_name": "Arbor",
        "company": "Acme, Inc.",
        "company_domain": "acme-sharpspring.example",
        "job_title": 'Head of "Growth"',
        # Her own goes before the account's.
        "industry": "Software",
        "country": "Italy",
        "city": "Rome",
        "phone": "+39 06",
        "employee_count": 25,
        "annual_revenue": 1500000,
        "lead_source": "Fair",
        "persona": "Buyer",
        "owner": "801",
        "lifecycle_stage": "qualified",
        "is_email_opted_out": False,
        # As the event leadCreation says.
        "created_at": datetime(2026, 2, 1, 9),
    }  # fmt: skip
    assert (leads[BEN]["company"], leads[BEN]["company_domain"], leads[BEN]["is_email_opted_out"]) == (
        "Ben & Co",
        "ben.example",
        True,
    )
    # By his first event, and by the last change of a lead that has none.
    assert leads[BEN]["created_at"] == datetime(2026, 2, 2, 13)
    assert leads[CARL]["created_at"] == datetime(2026, 2, 20, 9)
    assert (leads[ZERO]["contact_id"], leads[SEVEN]["contact_id"]) == ("007", "7")
    assert {leads[ZERO]["lifecycle_stage"], leads[CARL]["lifecycle_stage"]} == {"contact", "open"}
    assert leads[SEVEN]["lifecycle_stage"] == "inactive"


def test_the_cookie_is_the_anonymous_id(all_sources: Project) -> None:
    """What another source reports under her cookie is hers."""
    (lead,) = all_sources.rows(f"select lead_id from marts.dim_leads where email = '{ANN}'")
    rows = all_sources.rows("select lead_id from intermediate.int_anonymous_identifications where anonymous_id = 'cookie-ann'")
    assert rows == [lead]


def test_outcomes(all_sources: Project) -> None:
    """Won and lost opportunities reach their leads, the one they were made for among them; money is shared, and counted once."""
    rows = all_sources.rows(
        "select outcomes.outcome_id, outcomes.outcome, outcomes.reason, outcomes.amount, outcomes.occurred_on, leads.email"
        " from intermediate.int_outcomes_resolved as outcomes inner join marts.dim_leads as leads on outcomes.lead_id = leads.lead_id"
        " where leads.email like '%@sharpspring.example'"
    )
    assert {
        row["outcome_id"]: (row["email"], row["outcome"], row["reason"], row["amount"], row["occurred_on"]) for row in rows
    } == {
        "901:501": (ANN, "won", "Signed", Decimal("500"), date(2026, 2, 15)),
        "901:503": (CARL, "won", "Signed", Decimal("500"), date(2026, 2, 15)),
        # Known by the opportunity itself alone.
        "902:501": (ANN, "lost", "Gone", Decimal("300"), date(2026, 2, 16)),
    }
    # Won by its stage, of nobody.
    rejected = all_sources.rows("select raw_table, reason from quarantine.records where source = 'sharpspring'")
    assert Counter((row["raw_table"], row["reason"]) for row in rejected) == {("opportunity", "no_identity"): 1}
