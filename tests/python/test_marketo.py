"""Marketo as Fivetran lands it: every row is accounted for, and each trap of the format is met once with the answer known.

The real tables hardly join; what becomes of their rows is counted here a second time, with the csv module and no SQL. The made-up ones join.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import landing
from building import Project

MADE_UP = landing.SOURCES / "marketo"
REAL = landing.LANDED / "marketo"
ACTIVITIES = [
    table
    for table in landing.declared_tables("marketo")
    if table.startswith("activity_") and table not in ("activity_delete_lead", "activity_merge_leads")
]
ANN, BEN, CARL, BACK = "ann@marketo.example", "ben@marketo.example", "carl@marketo.example", "back@marketo.example"
SEVEN, ZERO = "seven@marketo.example", "zero@marketo.example"


# The real tables


def real(table: str) -> list[landing.Row]:
    """The rows of a real table; none where there is no file."""
    name = landing.landed_file("marketo", table)
    return landing.read(REAL, name) if (REAL / f"{name}.csv").exists() else []


def merged_away() -> dict[str, set[str]]:
    """The leads that each lead was merged into."""
    found: dict[str, set[str]] = {}
    for row in real("activity_merge_leads"):
        for lead in row["merge_ids"].strip("[]").split(","):
            if lead.strip():
                found.setdefault(lead.strip(), set()).add(row["lead_id"])
    return found


def deleted_for_good() -> set[str]:
    """The leads that were deleted and not merged away, and those that became them."""
    links = merged_away()
    gone = {row["lead_id"] for row in real("activity_delete_lead")} - set(links)
    while more := {lead for lead, targets in links.items() if targets & gone} - gone:
        gone |= more
    return gone


def test_every_real_row_is_accounted_for(all_landed: Project) -> None:
    """The project and the csv module agree on what became of every row, table by table."""
    erased = deleted_for_good()
    counted: landing.Counts = Counter()
    for table in ACTIVITIES:
        for row in real(table):
            if row["lead_id"] in erased:
                outcome = "erased"
            else:
                outcome = "out_of_scope" if row.get("action_result") == "skipped" else "scored"
            counted[table, outcome, None] += 1
    assert landing.source_rows(all_landed, "marketo") == counted
    assert sum(counted.values()) == 600
    assert counted["activity_send_email", "out_of_scope", None] == 2


def test_no_real_row_is_lost(all_landed: Project) -> None:
    """As many rows are accounted for as the files hold."""
    assert landing.rows_told(all_landed, "marketo") == Counter({table: len(real(table)) for table in ACTIVITIES if real(table)})


def test_real_bounces(all_landed: Project) -> None:
    """Only category 2, an address that does not exist, is for good."""
    types = Counter(
        event["event_type"] for event in landing.events_of(all_landed, "marketo").values() if "bounced" in event["event_type"]
    )
    categories = Counter(row["category"] for row in real("activity_email_bounced") if row["lead_id"] not in deleted_for_good())
    assert types == {"email_bounced_hard": categories["2"], "email_bounced_soft": categories["1"]}


def test_real_opens_through_google_are_by_people(all_landed: Project) -> None:
    """Google's proxy loads an image when the e-mail is opened; no open of 2020 is by Apple's."""
    opens = [event for event in landing.events_of(all_landed, "marketo").values() if "opened" in event["event_type"]]
    by_people = [row for row in real("activity_open_email") if row["lead_id"] not in deleted_for_good()]
    assert any("GoogleImageProxy" in row["user_agent"] for row in by_people)
    assert Counter(event["event_type"] for event in opens) == {"email_opened": len(by_people)}


def test_real_merges_and_deletions(all_landed: Project) -> None:
    """Each id of a list is a merge; who was deleted is to be forgotten, whatever number the type has."""
    links = all_landed.rows("select contact_id, merged_into_contact_id from staging.stg_marketo__identity_links")
    pairs = Counter((row["contact_id"], row["merged_into_contact_id"]) for row in links)
    expected = Counter({(lead, target): 1 for lead, targets in merged_away().items() for target in targets})
    nameless = Counter((None, row["lead_id"]) for row in real("activity_merge_leads") if not row["merge_ids"])
    assert pairs == expected + nameless
    erasures = all_landed.rows("select contact_id from staging.stg_marketo__erasures")
    assert {row["contact_id"] for row in erasures} == {row["lead_id"] for row in real("activity_delete_lead")} - set(
        merged_away()
    )


def test_real_leads(all_landed: Project) -> None:
    """Every lead is known by its address, with its name and times."""
    leads = {row["email"]: row for row in all_landed.rows("select * from marts.dim_leads where email like 'first_last_%'")}
    gone = deleted_for_good() | set(merged_away())
    assert set(leads) == {row["email"] for row in real("lead") if row["id"] not in gone}
    first = leads["first_last_001@email.com"]
    assert (first["contact_id"], first["first_name"]) == ("1031229", "first_001")
    assert first["created_at"] == datetime(2019, 12, 29, 8, 15, 15)


def test_the_copied_tables_are_the_shared_ones(real_data: Callable[[str], Path]) -> None:
    """The copy in the fixtures is equal to the shared data byte for byte."""
    assert landing.copied_files_differ("marketo", real_data(landing.SHARED_FOLDERS["marketo"])) == []


# Tables that join


def test_every_made_up_row_is_accounted_for(all_sources: Project) -> None:
    """Each outcome that a row can have is there, with its reason."""
    assert landing.source_rows(all_sources, "marketo") == {
        ("activity_send_email", "scored", None): 2,
        # skipped
        ("activity_send_email", "out_of_scope", None): 1,
        ("activity_email_delivered", "scored", None): 1,
        ("activity_email_bounced", "scored", None): 3,
        ("activity_email_bounced_soft", "scored", None): 1,
        ("activity_unsubscribe_email", "scored", None): 1,
        ("activity_open_email", "scored", None): 6,
        ("activity_open_email", "duplicate", None): 1,
        # of a lead that was deleted, and of one that came back as another
        ("activity_open_email", "erased", None): 2,
        ("activity_open_email", "quarantined", "no_identity"): 1,
        ("activity_open_email", "quarantined", "future_event"): 1,
        ("activity_open_email", "quarantined", "unreadable_activity_date"): 1,
        ("activity_open_email", "quarantined", "unreadable_is_bot_activity"): 1,
        ("activity_click_email", "scored", None): 2,
        ("activity_visit_webpage", "scored", None): 2,
        ("activity_fill_out_form", "scored", None): 2,
        ("activity_fill_out_facebook_lead_ads_form", "scored", None): 1,
        ("activity_click_link", "scored", None): 1,
        ("activity_click_link", "out_of_scope", None): 1,
        ("activity_send_sales_email", "out_of_scope", None): 1,
        ("activity_open_sales_email", "scored", None): 1,
        ("activity_click_sales_email", "scored", None): 1,
        ("activity_receive_sales_email", "out_of_scope", None): 1,
        ("activity_sales_email_bounced", "scored", None): 2,
        ("activity_interesting_moment", "out_of_scope", None): 1,
        ("activity_change_status_in_progression", "scored", None): 5,
        # invited, skipped, and a status of a program that is no event
        ("activity_change_status_in_progression", "out_of_scope", None): 3,
    }
    assert landing.rows_told(all_sources, "marketo") == {table: len(landing.read(MADE_UP, table)) for table in ACTIVITIES}


def test_events(all_sources: Project) -> None:
    """Each type of activity and whose it is."""
    events = landing.events_of(all_sources, "marketo")
    assert {key: (event["event_type"], event["lead"]) for key, event in events.items()} == {
        "send_email:1001": ("email_sent", ANN),
        "send_email:1003": ("email_sent", BEN),
        "email_delivered:1011": ("email_delivered", ANN),
        # To an address that she no longer has: the lead is hers.
        "email_bounced:1021": ("email_bounced_hard", ZERO),
        "email_bounced:1022": ("email_bounced_soft", SEVEN),
        "email_bounced:1023": ("email_bounced_soft", SEVEN),
        "email_bounced_soft:1031": ("email_bounced_soft", SEVEN),
        "unsubscribe_email:1041": ("email_unsubscribed", BEN),
        "open_email:1051": ("email_opened", ANN),
        "open_email:1052": ("email_opened_by_machine", ANN),
        "open_email:1053": ("email_opened_by_machine", ANN),
        # Of leads that were merged into theirs; 208 is in no table of leads.
        "open_email:1054": ("email_opened", ANN),
        "open_email:1061": ("email_opened", BEN),
        "open_email:1055": ("email_opened", CARL),
        "click_email:1071": ("email_clicked", ANN),
        "click_email:1072": ("email_clicked_by_machine", ANN),
        "visit_webpage:1081": ("page_viewed", ANN),
        "visit_webpage:1082": ("page_viewed", CARL),
        "fill_out_form:1091": ("form_submitted", ANN),
        "fill_out_form:1092": ("form_submitted", ZERO),
        "fill_out_facebook_lead_ads_form:1101": ("form_submitted", CARL),
        "click_link:1111": ("file_downloaded", ANN),
        "open_sales_email:1122": ("email_opened", CARL),
        "click_sales_email:1123": ("email_clicked", CARL),
        "sales_email_bounced:1125": ("email_bounced_hard", SEVEN),
        "sales_email_bounced:1126": ("email_bounced_soft", SEVEN),
        "change_status_in_progression:1141": ("webinar_registered", CARL),
        "change_status_in_progression:1142": ("webinar_attended", CARL),
        "change_status_in_progression:1143": ("webinar_attended", BEN),
        "change_status_in_progression:1144": ("event_attended", CARL),
        "change_status_in_progression:1145": ("event_registered", CARL),
    }


def test_event_fields(all_sources: Project) -> None:
    """What an event says beside its type."""
    events = landing.events_of(all_sources, "marketo")
    opened = events["open_email:1051"]
    assert (opened["occurred_at"], opened["email_id"], opened["campaign"]) == (
        datetime(2026, 2, 1, 10),
        "70",
        "Spring mailing",
    )
    # A campaign without a program.
    assert (events["send_email:1003"]["email_id"], events["send_email:1003"]["campaign"]) == ("71", "Lone campaign")
    # No campaign: the program of the e-mail.
    assert events["email_delivered:1011"]["campaign"] == "Spring mailing"
    assert events["click_email:1071"]["link_url"] == "https://example.com/pricing?utm_source=mail"
    assert json.loads(events["click_email:1072"]["properties"]) == {"bot_activity_pattern": "Match with proximity pattern"}
    assert json.loads(events["email_bounced:1021"]["properties"]) == {"bounce_category": "2", "bounce_subcategory": "2003"}
    visit = events["visit_webpage:1081"]
    assert (visit["page_path"], visit["referrer"]) == ("/pricing.html", "https://search.example/?q=scores")
    assert (visit["utm_source"], visit["utm_medium"], visit["utm_campaign"]) == ("news", "email", "spring")
    assert (events["visit_webpage:1082"]["page_path"], events["visit_webpage:1082"]["utm_source"]) == ("/scores/", None)
    form = events["fill_out_form:1091"]
    assert (form["asset"], form["utm_source"], form["campaign"]) == ("Request demo", "ads", "Spring mailing")
    assert events["fill_out_facebook_lead_ads_form:1101"]["asset"] == "Facebook form"
    assert events["click_link:1111"]["asset"] == "Guide.PDF"
    assert events["open_sales_email:1122"]["email_id"] == "sales:81"
    webinar = events["change_status_in_progression:1142"]
    assert (webinar["asset"], webinar["campaign"]) == ("Webinar on scores", "Webinar on scores")


def test_leads(all_sources: Project) -> None:
    """Merged leads are one, a deleted one is none, one that came back is one, 007 and 7 are two."""
    leads = {row["email"]: row for row in all_sources.rows("select * from marts.dim_leads where email like '%@marketo.example'")}
    assert set(leads) == {ANN, BEN, CARL, BACK, SEVEN, ZERO}
    expected = {
        "contact_id": "201",
        "first_name": "Ann",
        "last_name": "Archer",
        "company": "Acme, Inc.",
        "company_domain": "acme-m.example",
        "job_title": 'Head of "Growth"',
        "department": "Marketing",
        "industry": "SOFTWARE",
        "country": "France",
        "city": "Lyon",
        "employee_count": 25,
        "annual_revenue": 1500000,
        "lead_source": "Webinar",
        "lifecycle_stage": "Qualified",
        "phone": "+33 1",
        "is_email_opted_out": False,
        # That of the lead that was merged into hers.
        "first_seen_on": date(2025, 1, 1),
    }
    assert {name: leads[ANN][name] for name in expected} == expected
    assert (leads[BEN]["is_email_opted_out"], leads[BEN]["employee_count"]) == (True, 1000)
    assert leads[BEN]["company_domain"] == "acme-ben.example"
    assert leads[ZERO]["contact_id"] == "007"
    assert leads[SEVEN]["contact_id"] == "7"
    assert (leads[BACK]["contact_id"], leads[BACK]["first_name"]) == ("206", "Back")


def test_merges_and_deletions(all_sources: Project) -> None:
    """A list is several merges; a merge that names nobody is reported; who was merged is not deleted."""
    links = all_sources.rows("select contact_id, merged_into_contact_id from staging.stg_marketo__identity_links")
    assert Counter((row["contact_id"], row["merged_into_contact_id"]) for row in links) == Counter(
        [("202", "201"), ("208", "203"), ("209", "203"), (None, "203")]
    )
    reported = all_sources.rows("select raw_table, reason from quarantine.records where source = 'marketo'")
    assert reported == [{"raw_table": "activity_merge_leads", "reason": "missing_contact_id"}]
    erasures = all_sources.rows("select contact_id, email, requested_at from staging.stg_marketo__erasures")
    assert {row["contact_id"]: (row["email"], row["requested_at"]) for row in erasures} == {
        "204": ("gone@marketo.example", datetime(2026, 2, 20, 9)),
        "205": (None, datetime(2026, 1, 20, 9)),
    }


def test_nothing_is_left_of_the_deleted_leads(all_sources: Project) -> None:
    """Neither the address nor the name of who was deleted is in any table but the raw ones."""
    assert landing.tables_with(all_sources, "gone@marketo.example", "Back, the first time") == []
