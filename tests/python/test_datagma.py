"""Datagma: an enrichment fills what a lead leaves open, and never says who the lead is or since when."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

import landing
from building import Project

FILE = landing.SOURCES / "datagma" / "enrichment.jsonl"


def hashed(profile: str) -> str:
    """The contact id of somebody of whom only the LinkedIn profile is known."""
    return "linkedin:" + hashlib.md5(profile.encode()).hexdigest()


def test_every_answer_is_a_contact_or_told_of(all_sources: Project) -> None:
    """Each line of the file is one row, and those that cannot be used, whole or in part, are in quarantine with the reason."""
    lines = landing.read_lines(FILE)
    contacts = all_sources.rows("select raw_row, contact_id, email from staging.stg_datagma__contacts order by raw_row")
    assert [row["raw_row"] for row in contacts] == list(range(1, len(lines) + 1))
    assert [(row["contact_id"], row["email"]) for row in contacts] == [
        # the address that was asked for, not the one that was found
        ("ann@salesforce.example", "ann@salesforce.example"),
        ("bob@datagma.example", "bob@datagma.example"),
        ("bob@datagma.example", "bob@datagma.example"),
        ("cara@datagma.example", "cara@datagma.example"),
        # the same profile, found without an address
        ("cara@datagma.example", None),
        # an address that Datagma calls invalid
        (hashed("dan-datagma"), None),
        (None, None),
        ("ed@datagma.example", "ed@datagma.example"),
        ("flo@datagma.example", "flo@datagma.example"),
        ("gil@datagma.example", "gil@datagma.example"),
    ]
    records = all_sources.rows("select raw_row, reason from quarantine.records where source = 'datagma'")
    assert {row["raw_row"]: row["reason"] for row in records} == {
        7: "missing_contact_id",
        9: "missing_created_at",
        10: "unreadable_company_exact_employees",
    }


def test_an_enrichment_fills_gaps_of_a_lead(all_sources: Project) -> None:
    """Ann stays the contact that she is in the CRM, as old as there and with the title and the employees stated there; what nobody said Datagma says."""
    (ann,) = all_sources.rows("select * from marts.dim_leads where email = 'ann@salesforce.example'")
    assert (ann["contact_id"], ann["created_at"], ann["first_seen_on"]) == ("00301", datetime(2026, 1, 20, 10), date(2025, 12, 1))
    assert (ann["first_name"], ann["job_title"], ann["employee_count"]) == ("Ann", "Head of Engineering", 120)
    assert (ann["company_domain"], ann["department"]) == ("acme.salesforce.example", "IT")
    assert (ann["last_name"], ann["seniority"], ann["enriched_at"]) == ("Archer", "Director", datetime(2026, 2, 20, 10))
    assert all_sources.rows("select 1 from marts.dim_leads where email = 'ann@elsewhere.example'") == []


def test_somebody_whom_nobody_else_knows(all_sources: Project) -> None:
    """Is a lead since the first answer, with the newest answer's fields."""
    leads = all_sources.rows("select * from marts.dim_leads where email like '%@datagma.example' or contact_id like 'linkedin:%'")
    by_name = {row["email"] or row["contact_id"]: row for row in leads}
    assert set(by_name) == {f"{name}@datagma.example" for name in ("bob", "cara", "ed", "gil")} | {hashed("dan-datagma")}
    bob = by_name["bob@datagma.example"]
    assert (bob["contact_id"], bob["first_seen_on"]) == ("bob@datagma.example", date(2026, 2, 20))
    assert (bob["job_title"], bob["seniority"], bob["enriched_at"]) == ("Head of Buying", "Head", datetime(2026, 3, 5, 10))


def test_fields(all_sources: Project) -> None:
    """Flat columns and answers as they came give the same fields; a range of employees is its lower end."""
    rows = all_sources.rows("select * from staging.stg_datagma__contacts order by raw_row")
    ann, bob = rows[0], rows[1]
    assert (ann["company"], ann["company_domain"], ann["employee_count"], ann["industry"]) == (
        "Acme",
        "acme.example",
        51,
        "Software",
    )
    assert (ann["seniority"], ann["department"], ann["job_title"]) == ("Director", "Engineering", "Chief of Everything")
    assert (bob["company"], bob["company_domain"], bob["employee_count"]) == ("Bobco", "bobco.datagma.example", 10001)
    assert (bob["annual_revenue"], bob["country"], bob["city"], bob["phone"]) == (12000000, "France", "Lyon", "+33 2 00")
    assert (bob["created_at"], bob["loaded_at"]) == (datetime(2026, 2, 20, 10), datetime(2026, 2, 20, 10))
    confidences = all_sources.rows(
        "select person_confidence_score as score from staging.base_datagma__enrichments order by raw_row"
    )
    assert [row["score"] for row in confidences] == [0.95, 0.9, 0.9, None, None, None, None, 0.2, None, None]
