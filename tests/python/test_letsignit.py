"""Letsignit: clicks on signatures are counted per banner, and score nobody."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date

import landing
from building import Project

FOLDER = landing.SOURCES / "letsignit" / "signature_clicks"


def exported() -> list[dict[str, str | None]]:
    """The rows of all exports; a line that is cut off lacks its last values."""
    rows: list[dict[str, str | None]] = []
    for file in sorted(FOLDER.iterdir()):
        with file.open(encoding="utf-8", newline="") as text:
            rows += csv.DictReader(text)
    return rows


def test_clicks_per_banner(all_sources: Project) -> None:
    """The report has every click that can be read once, also where two exports tell of the same day."""
    clicks: dict[tuple[str, ...], tuple[str, int]] = {}
    for row in exported():
        day, number = str(row["click_date"]), str(row["clicks"])
        if len(day) == 10 and day[4] == "-" and number.isdigit():
            names = (row["campaign_name"], row["signature_name"], str(row["employee_email"]).lower(), row["link_url"], day)
            told = (str(row["exported_at"]), int(number))
            key = tuple(str(name) for name in names)
            clicks[key] = max(told, clicks.get(key, told))
    expected: Counter[tuple[str, str, str, date]] = Counter()
    for (campaign, signature, employee, _link, day), (_exported_at, number) in clicks.items():
        expected[campaign, signature, employee, date.fromisoformat(day).replace(day=1)] += number
    rows = all_sources.rows("select * from marts.rpt_signature_clicks")
    assert len(rows) == 4
    assert {
        (row["campaign_name"] or "", row["signature_name"], row["employee_email"], row["month_on"]): row["clicks"] for row in rows
    } == dict(expected)


def test_days_and_links(all_sources: Project) -> None:
    """A day without clicks is no day with clicks."""
    rows = all_sources.rows("select * from marts.rpt_signature_clicks")
    sam, tea = "sam@letsignit.example", "tea@letsignit.example"
    assert {
        (row["campaign_name"], row["employee_email"], row["month_on"].month): (
            row["clicks"],
            row["days_with_clicks"],
            row["links_clicked"],
        )
        for row in rows
    } == {
        ("Spring fair", sam, 1): (7, 2, 1),
        ("Spring fair", sam, 2): (7, 1, 2),
        (None, tea, 1): (2, 1, 1),
        ("Spring fair, again", tea, 2): (0, 0, 0),
    }


def test_every_row_is_reported_repeated_or_rejected(all_sources: Project) -> None:
    """Rows of the exports are rows of the staging model and lines that are no row."""
    rows = all_sources.rows(
        "select rejection_reason, is_repeated, count(*) as rows from staging.stg_letsignit__signature_clicks group by all"
    )
    told = Counter({(row["rejection_reason"], row["is_repeated"]): row["rows"] for row in rows})
    assert told == {
        (None, False): 6,
        (None, True): 1,
        ("unreadable_click_date", False): 1,
        ("missing_click_date", False): 1,
        ("unreadable_clicks", False): 1,
        ("missing_clicks", False): 1,
        ("negative_clicks", False): 1,
    }
    lines = all_sources.rows(
        "select raw_text, reason from quarantine.records where source = 'letsignit' and reason like 'unreadable_line%'"
    )
    assert [row["raw_text"].strip() for row in lines] == ["2026-02-07,sam@letsignit.example"]
    assert sum(told.values()) + len(lines) == len(exported())


def test_nobody_is_scored(all_sources: Project) -> None:
    """Employees are no leads, and their clicks no events."""
    assert all_sources.rows("select 1 from marts.dim_leads where email like '%@letsignit.example'") == []
    assert landing.source_rows(all_sources, "letsignit") == {}
