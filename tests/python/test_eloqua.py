"""Oracle Eloqua as the Bulk API exports it and Stitch lands it: every row is accounted for, and each trap of the format is met once with the answer known.

There are no real tables of it that may be copied; all of these are made up.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime

from building import Project
from landing import SOURCES, events_of, read, rows_told, source_rows

ANN, BEN, CARL = "ann@eloqua.example", "ben@eloqua.example", "carl@eloqua.example"
SEVEN, ZERO, STRANGER = "seven@eloqua.example", "zero@eloqua.example", "stranger@eloqua.example"
ACTIVITIES = [
    "activity_email_open", "activity_email_clickthrough", "activity_email_send", "activity_subscribe", "activity_unsubscribe", "activity_bounceback",
    "activity_web_visit", "activity_page_view", "activity_form_submit", "activity_external",
]  # fmt: skip


def test_every_row_is_accounted_for(all_sources: Project) -> None:
    """Each outcome that a row can have is there, with its reason."""
    assert source_rows(all_sources, "eloqua") == {
        ("activity_email_open", "scored", None): 3,
        # delivered twice
        ("activity_email_open", "duplicate", None): 1,
        ("activity_email_open", "quarantined", "no_identity"): 1,
        ("activity_email_open", "quarantined", "unreadable_ActivityDate"): 1,
        ("activity_email_clickthrough", "scored", None): 1,
        ("activity_email_send", "scored", None): 3,
        ("activity_subscribe", "scored", None): 1,
        ("activity_unsubscribe", "scored", None): 1,
        ("activity_bounceback", "scored", None): 4,
        # one of them by a browser that nobody is known by
        ("activity_web_visit", "scored", None): 2,
        # the same visit, before it had become longer
        ("activity_web_visit", "duplicate", None): 1,
        ("activity_web_visit", "quarantined", "unreadable_Duration"): 1,
        ("activity_web_visit", "quarantined", "future_event"): 1,
        ("activity_page_view", "scored", None): 3,
        ("activity_form_submit", "scored", None): 2,
        ("activity_external", "scored", None): 2,
        # a stand at a trade show: words that the seed does not list
        ("activity_external", "out_of_scope", None): 1,
    }


def test_no_row_is_lost(all_sources: Project) -> None:
    """Every row of every activity table is told of, counted with the csv module."""
    assert rows_told(all_sources, "eloqua") == Counter({table: len(read(SOURCES / "eloqua", table)) for table in ACTIVITIES})


def test_events(all_sources: Project) -> None:
    """Each type of activity, and whose it is."""
    events = events_of(all_sources, "eloqua")
    without_id = [key for key in events if len(key) == len("EMAILOPEN:") + 32]
    assert len(without_id) == 1
    assert {key: (row["event_type"], row["lead"]) for key, row in events.items() if key not in without_id} == {
        "EMAILOPEN:1": ("email_opened", ANN),
        "EMAILOPEN:2": ("email_opened", BEN),
        # Ids are unique per type only.
        "EMAILCLICKTHROUGH:1": ("email_clicked", ANN),
        # A send has one id for all its recipients.
        "EMAILSEND:50:R-1": ("email_sent", ANN),
        "EMAILSEND:50:R-2": ("email_sent", BEN),
        "EMAILSEND:50:007": ("email_sent", ZERO),
        "SUBSCRIBE:60": ("email_subscribed", CARL),
        "UNSUBSCRIBE:60": ("email_unsubscribed", BEN),
        "BOUNCEBACK:70": ("email_bounced_hard", SEVEN),
        "BOUNCEBACK:71": ("email_bounced_soft", ZERO),
        # The second code alone.
        "BOUNCEBACK:72": ("email_bounced_hard", ZERO),
        # No code that says anything.
        "BOUNCEBACK:73": ("email_bounced_soft", ZERO),
        # By the browser in which she clicked.
        "WEBVISIT:900": ("session_started", ANN),
        "PAGEVIEW:910": ("page_viewed", ANN),
        "PAGEVIEW:911": ("page_viewed", ANN),
        "FORMSUBMIT:920": ("form_submitted", ANN),
        # Of a contact that is in no other table.
        "FORMSUBMIT:921": ("form_submitted", None),
        "EXTERNAL:930": ("webinar_attended", BEN),
        "EXTERNAL:931": ("event_registered", BEN),
    }
    assert (events[without_id[0]]["event_type"], events[without_id[0]]["lead"]) == ("email_opened", STRANGER)


def test_what_events_say(all_sources: Project) -> None:
    """The fields that a rule may name."""
    events = events_of(all_sources, "eloqua")
    opened = events["EMAILOPEN:1"]
    # Of two deliveries of the campaign the later name.
    assert (opened["email_id"], opened["asset"], opened["campaign"]) == ("500", "Spring mail", "Spring news 2026")
    assert json.loads(opened["properties"]) == {"subject": "Spring is here", "send_type": "EmailSend", "deployment_id": "9001"}
    # Seconds since 1970, and an offset.
    assert events["EMAILOPEN:2"]["occurred_at"] == datetime(2026, 2, 3, 10)
    assert events["EMAILCLICKTHROUGH:1"]["occurred_at"] == datetime(2026, 2, 2, 10, 5)
    assert events["EMAILCLICKTHROUGH:1"]["link_url"] == "https://acme.example/pricing"
    assert (events["SUBSCRIBE:60"]["email_id"], events["SUBSCRIBE:60"]["asset"]) == (None, "Newsletter")
    # The campaign is in no table, but the bounceback names it.
    assert events["BOUNCEBACK:70"]["campaign"] == "Only here"
    assert json.loads(events["BOUNCEBACK:71"]["properties"])["smtp_message"] == "Mailbox full"
    assert (events["FORMSUBMIT:920"]["asset"], events["FORMSUBMIT:921"]["asset"]) == ("Request demo", "042")
    # What people write into forms stays where it is.
    assert events["FORMSUBMIT:920"]["properties"] is None
    assert (events["EXTERNAL:930"]["asset"], events["EXTERNAL:930"]["campaign"]) == ("Scoring in an hour", "Autumn news")


def test_late_bounceback(all_sources: Project) -> None:
    """A bounceback counts when it came, however late it was loaded."""
    bounceback = events_of(all_sources, "eloqua")["BOUNCEBACK:70"]
    (loaded,) = all_sources.rows("select loaded_at from staging.stg_eloqua__events where event_id = 'BOUNCEBACK:70'")
    assert (bounceback["occurred_at"], loaded["loaded_at"]) == (datetime(2026, 2, 4, 23, 30), datetime(2026, 2, 8))


def test_visits(all_sources: Project) -> None:
    """The longer version of a visit stands; its pages carry its id; its traits are those of the lead."""
    events = events_of(all_sources, "eloqua")
    visit = events["WEBVISIT:900"]
    assert (visit["duration_seconds"], visit["session_id"], visit["page_path"]) == (90, "900", "/pricing")
    assert (visit["utm_source"], visit["utm_medium"], visit["utm_campaign"]) == ("news", "email", "spring")
    assert json.loads(visit["properties"]) == {"number_of_pages": "2"}
    assert {events[key]["session_id"] for key in ("PAGEVIEW:910", "PAGEVIEW:911")} == {"900"}
    assert (events["PAGEVIEW:911"]["page_path"], events["PAGEVIEW:911"]["referrer"]) == ("/demo", "https://acme.example/pricing")
    (traits,) = all_sources.rows(
        "select traits.* from intermediate.int_lead_behaviours as traits inner join marts.dim_leads as leads on traits.lead_id = leads.lead_id"
        f" where leads.email = '{ANN}' and traits.scored_on = date '2026-03-10'"
    )
    assert (traits["session_count"], traits["pages_per_session"], traits["avg_session_seconds"]) == (1, 2, 90)


def test_leads(all_sources: Project) -> None:
    """Contacts with their fields; 007 and 7 are two; who cannot be told apart is quarantined."""
    leads = {row["email"]: row for row in all_sources.rows("select * from marts.dim_leads where email like '%@eloqua.example'")}
    assert set(leads) == {ANN, BEN, CARL, SEVEN, ZERO, STRANGER}
    ann = leads[ANN]
    assert {
        name: ann[name]
        for name in (
            "contact_id", "first_name", "last_name", "company", "company_domain", "job_title", "department", "industry", "country", "city",
            "employee_count", "annual_revenue", "lead_source", "phone", "owner", "lifecycle_stage", "is_email_opted_out", "first_seen_on",
        )
    } == {
        "contact_id": "1", "first_name": "Ann", "last_name": "Eloquent", "company": "Acme", "company_domain": "acme.example",
        "job_title": "Head of Growth", "department": "Marketing", "industry": "Software", "country": "France", "city": "Lyon",
        "employee_count": 25, "annual_revenue": 1500000, "lead_source": "Trade show", "phone": "+33 1 23", "owner": "paula",
        "lifecycle_stage": "Qualified", "is_email_opted_out": False, "first_seen_on": date(2025, 1, 10),
    }  # fmt: skip
    assert (leads[BEN]["company"], leads[BEN]["company_domain"], leads[BEN]["employee_count"]) == (
        "Bolt GmbH",
        "bolt.example",
        1000,
    )
    assert (leads[BEN]["is_email_opted_out"], leads[BEN]["created_at"]) == (True, datetime(2025, 1, 10, 9, 6, 40))
    assert (leads[ZERO]["contact_id"], leads[SEVEN]["contact_id"]) == ("007", "7")
    assert leads[SEVEN]["is_email_opted_out"] is None
    assert all_sources.rows("select raw_table, reason from quarantine.records where source = 'eloqua'") == [
        {"raw_table": "contacts", "reason": "missing_contact_id"}
    ]
