"""Salesforce as Fivetran lands it: every row is accounted for, and each trap of the format is met once with the answer known."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import landing
from building import Project

JOINED = landing.SOURCES / "salesforce"
REAL = landing.LANDED / "salesforce"


def person(name: str) -> str:
    """The address of somebody made up."""
    return f"{name}@salesforce.example"


ANN, BEN, CID, DEE, FAY, GUS, HAL, BACK = (person(name) for name in "ann ben cid dee fay gus hal back".split())


# The real tables


def test_every_real_row_is_accounted_for(all_landed: Project) -> None:
    """The project and the csv module agree on what became of every row: hardly any names somebody or says more than that a task was done."""
    expected: landing.Counts = Counter()
    for row in landing.read(REAL, "sf_task_data"):
        assert (row["task_subtype"], row["type"] in ("", "X")) == ("Task", True)
        expected["task", "out_of_scope", None] += 1
    for row in landing.read(REAL, "sf_event_data"):
        # Entered at the moment in which it starts: held, and not booked before.
        assert row["who_id"].startswith("003")
        assert row["created_date"] == row["start_date_time"]
        expected["event", "scored", None] += 1
    for row in landing.read(REAL, "sf_opportunity_data"):
        assert "contact_id" not in row
        expected["opportunity", "quarantined", "no_identity"] += 1
    for row in landing.read(REAL, "sf_order_data"):
        assert not row["customer_authorized_by_id"]
        expected["order", "quarantined", "no_identity"] += 1
    assert landing.source_rows(all_landed, "salesforce") == expected
    assert sum(expected.values()) == sum(
        len(landing.read(REAL, f"sf_{table}_data")) for table in ("task", "event", "opportunity", "order")
    )


def test_real_appointments(all_landed: Project) -> None:
    """The type of an appointment says whether it was a call."""
    types = {"Call": "call_completed", "Meeting": "meeting_held"}
    events = landing.events_of(all_landed, "salesforce")
    assert {key: (row["event_type"], row["contact_id"], row["duration_seconds"]) for key, row in events.items()} == {
        f"event:{row['id']}:{row['who_id']}:held": (types[row["type"]], row["who_id"], float(row["duration_in_minutes"]) * 60)
        for row in landing.read(REAL, "sf_event_data")
    }


def test_real_people(all_landed: Project) -> None:
    """The lead was converted; the contacts are leads of their own."""
    (lead,) = landing.read(REAL, "sf_lead_data")
    links = all_landed.rows("select contact_id, merged_into_contact_id, occurred_at from staging.stg_salesforce__identity_links")
    assert links == [
        {
            "contact_id": lead["id"],
            "merged_into_contact_id": lead["converted_contact_id"],
            "occurred_at": datetime.fromisoformat(lead["converted_date"]),
        }
    ]
    contacts = landing.read(REAL, "sf_contact_data")
    people = all_landed.rows("select contact_id, email, phone from staging.stg_salesforce__contacts")
    assert {row["contact_id"]: (row["email"], row["phone"]) for row in people} == {
        row["id"]: (row["email"] or None, row["phone"] or None) for row in [lead, *contacts]
    }
    converted = all_landed.rows(
        f"select contact_id, annual_revenue, lifecycle_stage from marts.dim_leads where email = '{lead['email']}'"
    )
    assert converted == [{"contact_id": lead["id"], "annual_revenue": 280522000, "lifecycle_stage": "Converted"}]


def test_real_accounts_without_a_domain_are_told_of(all_landed: Project) -> None:
    """The websites are hashed: of the accounts that are not deleted none leads to anybody."""
    accounts = landing.read(REAL, "sf_account_data")
    standing = [row for row in accounts if (row["is_deleted"], row["_fivetran_active"]) == ("false", "true")]
    told = all_landed.rows("select raw_table, reason from quarantine.records where source = 'salesforce'")
    assert told == [{"raw_table": "account", "reason": "missing_company_domain"}] * len(standing)


def test_the_copied_tables_are_the_shared_ones(real_data: Callable[[str], Path]) -> None:
    """The copy in the fixtures is the shared data, byte for byte."""
    assert landing.copied_files_differ("salesforce", real_data(landing.SHARED_FOLDERS["salesforce"])) == []


# Tables that join


def test_every_row_is_accounted_for(all_sources: Project) -> None:
    """Each outcome that a row can have is there, with its reason."""
    assert landing.source_rows(all_sources, "salesforce") == {
        ("task", "scored", None): 7,
        # nobody took it, still to be made, one's own e-mail, the pattern of a series, a gift, opened again
        ("task", "out_of_scope", None): 6,
        ("task", "duplicate", None): 1,
        # one is gone, one was opened again
        ("task", "deleted", None): 2,
        ("task", "erased", None): 2,
        ("task", "quarantined", "no_identity"): 1,
        ("task", "quarantined", "missing_occurred_at"): 1,
        ("task", "quarantined", "unreadable_call_duration_in_seconds"): 1,
        ("event", "scored", None): 10,
        # the copy of another user, the pattern of a series, a proposal, a refusal
        ("event", "out_of_scope", None): 4,
        ("event", "deleted", None): 2,
        ("event", "quarantined", "no_identity"): 1,
        ("opportunity", "scored", None): 10,
        ("opportunity", "duplicate", None): 1,
        ("opportunity", "deleted", None): 3,
        ("opportunity", "quarantined", "no_identity"): 1,
        ("opportunity", "quarantined", "unreadable_amount"): 1,
        ("order", "scored", None): 4,
        # a draft, a reduction, called off
        ("order", "out_of_scope", None): 3,
        ("order", "deleted", None): 1,
        ("order", "quarantined", "no_identity"): 1,
        ("campaign_member", "scored", None): 3,
        ("campaign_member", "out_of_scope", None): 4,
        ("campaign_member", "quarantined", "no_identity"): 1,
    }


def test_no_row_is_lost(all_sources: Project) -> None:
    """A row is one event per person, and per milestone of an appointment or a deal."""
    tasks = len(landing.read(JOINED, "task")) + 1  # t12 has two people
    # e01, e03 and e09 were booked and held; e08 for two people, and a third one declined
    events = len(landing.read(JOINED, "event")) + 3 + 4
    # two contacts of 00601; 00601 (both), 00602, 00605, 00606 and the older row of 00607 are closed
    opportunities = len(landing.read(JOINED, "opportunity")) + 1 + 6
    assert landing.rows_told(all_sources, "salesforce") == {
        "task": tasks,
        "event": events,
        "opportunity": opportunities,
        "order": len(landing.read(JOINED, "order")),
        "campaign_member": len(landing.read(JOINED, "campaign_member")),
    }


def test_events(all_sources: Project) -> None:
    """Each type of event, its details, and whose it is."""
    events = landing.events_of(all_sources, "salesforce")
    assert {key: (row["event_type"], row["lead"]) for key, row in events.items()} == {
        "task:t01:00Q02": ("call_completed", BEN),
        "task:t04:00301": ("email_replied", ANN),
        "task:t11:00Q04": ("call_completed", CID),
        "task:t12:00301": ("call_completed", ANN),
        "task:t12:00312": ("call_completed", FAY),
        "task:t14:00301": ("call_completed", ANN),
        # with the lead that was merged into hers
        "task:t16:00Q03": ("call_completed", CID),
        "event:e01:00301:booked": ("meeting_booked", ANN),
        "event:e01:00301:held": ("meeting_held", ANN),
        "event:e02:00Q04:held": ("call_completed", CID),
        "event:e03:00Q02:booked": ("meeting_booked", BEN),
        "event:e03:00Q02:held": ("meeting_held", BEN),
        "event:e08:00301:booked": ("meeting_booked", ANN),
        "event:e08:00301:held": ("meeting_held", ANN),
        "event:e08:00312:booked": ("meeting_booked", FAY),
        "event:e08:00312:held": ("meeting_held", FAY),
        "event:e10:00312:held": ("meeting_held", FAY),
        "opportunity:00601:00301:created": ("opportunity_created", ANN),
        "opportunity:00601:00301:closed": ("opportunity_won", ANN),
        "opportunity:00601:00312:created": ("opportunity_created", FAY),
        "opportunity:00601:00312:closed": ("opportunity_won", FAY),
        "opportunity:00602:00308:created": ("opportunity_created", DEE),
        "opportunity:00602:00308:closed": ("opportunity_lost", DEE),
        "opportunity:00603:00312:created": ("opportunity_created", FAY),
        "opportunity:00606:00313:created": ("opportunity_created", GUS),
        "opportunity:00606:00313:closed": ("opportunity_won", GUS),
        # It was won, and opened again.
        "opportunity:00607:00308:created": ("opportunity_created", DEE),
        "order:80101": ("order_completed", FAY),
        # by the primary contact of its opportunity, by the person account, by who authorised it
        "order:80105": ("order_completed", ANN),
        "order:80106": ("order_completed", GUS),
        "order:80107": ("order_completed", ANN),
        "campaign_member:00v1": ("webinar_attended", ANN),
        "campaign_member:00v2": ("webinar_registered", BEN),
        "campaign_member:00v4": ("event_attended", FAY),
    }
    assert (events["task:t01:00Q02"]["occurred_at"], events["task:t01:00Q02"]["duration_seconds"]) == (
        datetime(2026, 2, 3, 10),
        300,
    )
    assert json.loads(events["task:t14:00301"]["properties"]) == {"call_disposition": "Meaningful Connect"}
    # The later row is a correction.
    assert events["task:t11:00Q04"]["duration_seconds"] == 20
    assert events["event:e01:00301:booked"]["occurred_at"] == datetime(2026, 2, 1, 9)
    held = events["event:e01:00301:held"]
    assert (held["occurred_at"], held["duration_seconds"]) == (datetime(2026, 2, 20, 13), 5400)
    assert events["event:e10:00312:held"]["duration_seconds"] is None
    assert events["opportunity:00602:00308:closed"]["occurred_at"] == datetime(2026, 2, 20, 15)
    assert (events["order:80101"]["amount"], events["order:80106"]["occurred_at"]) == (200, datetime(2026, 2, 14))
    webinar = events["campaign_member:00v1"]
    assert (webinar["asset"], webinar["campaign"], webinar["occurred_at"]) == (
        "Data webinar",
        "Data webinar",
        datetime(2026, 1, 18),
    )


def test_what_is_still_to_come_does_not_count_yet(all_sources: Project) -> None:
    """The meeting of April waits; what counts of it in March is that it was booked."""
    (ben,) = all_sources.rows(f"select last_activity_on from marts.dim_leads where email = '{BEN}'")
    assert ben["last_activity_on"] == date(2026, 2, 3)
    rows = all_sources.rows("select loaded_at from staging.stg_salesforce__events where event_id = 'event:e03:00Q02:held'")
    assert rows == [{"loaded_at": datetime(2026, 4, 1, 13)}]


def test_leads(all_sources: Project) -> None:
    """A converted lead and its contact are one, so are merged records; deleted ones are none; a website is a domain; who is not to be called has no number."""
    leads = {row["email"] or row["contact_id"]: row for row in all_sources.rows("select * from marts.dim_leads")}
    ours = {name for name in leads if str(name).endswith("@salesforce.example") or str(name).startswith("00Q")}
    assert ours == {ANN, BEN, CID, DEE, FAY, GUS, HAL, BACK, "00Q10"}
    ann = leads[ANN]
    fields = "contact_id first_name job_title company company_domain industry employee_count annual_revenue country city owner phone".split()
    assert {name: ann[name] for name in fields} == {
        "contact_id": "00301",
        "first_name": "Ann",
        "job_title": "Head of Engineering",
        "company": "Acme, Inc.",
        "company_domain": "acme.salesforce.example",
        "industry": "Software",
        "employee_count": 120,
        "annual_revenue": 9000000,
        "country": "FR",
        "city": "Paris",
        "owner": "00501",
        "phone": "555-1",
    }
    # What only the lead knew stands, and the lead is as old as it.
    assert (ann["lead_source"], ann["lifecycle_stage"], ann["first_seen_on"]) == ("Webinar", "Converted", date(2025, 12, 1))
    ben = leads[BEN]
    assert (ben["company_domain"], ben["employee_count"], ben["annual_revenue"]) == ("benco.salesforce.example", 40, 2500000.5)
    assert (ben["last_name"], ben["phone"], ben["is_email_opted_out"]) == ('"Big" Beck, Jr.', None, True)
    assert (leads[CID]["contact_id"], leads[CID]["first_name"], leads[CID]["phone"]) == ("00Q04", "Cid", "+33 6 00")
    assert leads[CID]["first_seen_on"] == date(2025, 11, 1)
    # Of the versions of history mode the one that holds.
    assert leads[HAL]["job_title"] == "Manager"
    assert (leads[BACK]["first_name"], leads[BACK]["job_title"]) == ("Back", None)


def test_outcomes(all_sources: Project) -> None:
    """Deals reach their contacts, the money shared and counted once; a conversion is an acceptance by sales."""
    rows = all_sources.rows(
        "select outcomes.*, leads.email from intermediate.int_outcomes_resolved as outcomes"
        " inner join marts.dim_leads as leads on outcomes.lead_id = leads.lead_id where outcomes.source = 'salesforce'"
    )
    assert {row["outcome_id"]: (row["email"], row["outcome"], row["amount"], row["occurred_on"]) for row in rows} == {
        "opportunity:00601:00301:closed": (ANN, "won", Decimal(500), date(2026, 2, 15)),
        "opportunity:00601:00312:closed": (FAY, "won", Decimal(500), date(2026, 2, 15)),
        "opportunity:00602:00308:closed": (DEE, "lost", Decimal(70), date(2026, 2, 20)),
        "opportunity:00606:00313:closed": (GUS, "won", Decimal("50.5"), date(2026, 2, 15)),
        "conversion:00Q01": (ANN, "accepted", None, date(2026, 1, 20)),
        "conversion:00Q08": (DEE, "accepted", None, date(2026, 1, 22)),
    }


def test_merges(all_sources: Project) -> None:
    """A conversion is a merge of a lead into a contact."""
    links = all_sources.rows("select contact_id, merged_into_contact_id from staging.stg_salesforce__identity_links")
    assert {row["contact_id"]: row["merged_into_contact_id"] for row in links} == {
        "00Q01": "00301",
        "00Q03": "00Q04",
        "00Q08": "00308",
        "00Q09": "00309",
        "00315": "00312",
    }


def test_nothing_is_left_of_deleted_people(all_sources: Project) -> None:
    """Neither the addresses nor the names of those who were deleted are in any table; who became another record, or came back, was not deleted."""
    erasures = all_sources.rows("select contact_id, email from staging.stg_salesforce__erasures")
    assert {(row["contact_id"], row["email"]) for row in erasures} == {
        ("00Q05", person("gone")),
        ("00Q06", None),
        # the contact, and the lead that had become it
        ("00309", person("eve")),
        ("00Q09", person("eve")),
    }
    words = (person("gone"), "Gone for good", "Back, the first time", person("eve"), "Eve, once a lead", "Eve, deleted")
    assert landing.tables_with(all_sources, *words) == []


def test_what_cannot_be_used_is_told_of(all_sources: Project) -> None:
    """A lead without a date of creation and a company without a website are in quarantine; deals without people stand there once, among the events."""
    records = all_sources.rows("select raw_table, reason from quarantine.records where source = 'salesforce'")
    assert sorted((row["raw_table"], row["reason"]) for row in records) == [
        ("account", "missing_company_domain"),
        ("lead", "missing_created_at"),
    ]
