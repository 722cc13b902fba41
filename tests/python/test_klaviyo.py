"""Klaviyo as Fivetran lands it: every row is accounted for, and each trap of the format is met once with the answer known."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import landing
import pytest
from building import Project

JOINED = landing.SOURCES / "klaviyo"
REAL = landing.LANDED / "klaviyo"
ANN, BEN, BACK = (f"{name}@klaviyo.example" for name in ("ann", "ben", "back"))


def test_every_made_up_row_is_accounted_for(all_sources: Project) -> None:
    """Each outcome that a row can have is there, with its reason, and no row is missing."""
    assert landing.source_rows(all_sources, "klaviyo") == {
        ("event", "scored", None): 17,
        # An open delivered twice, an order corrected.
        ("event", "duplicate", None): 2,
        ("event", "deleted", None): 1,
        # Of the profile that is gone, and of the old profile of one who came back.
        ("event", "erased", None): 2,
        ("event", "out_of_scope", None): 2,
        ("event", "quarantined", "missing_event_type"): 1,
        ("event", "quarantined", "no_identity"): 1,
        ("event", "quarantined", "unreadable_property_value"): 1,
        ("event", "quarantined", "unreadable_timestamp"): 1,
        ("event", "quarantined", "future_event"): 1,
    }
    assert landing.rows_told(all_sources, "klaviyo") == {"event": len(landing.read(JOINED, "event"))}


def test_events(all_sources: Project) -> None:
    """Each metric, and whose the event is."""
    events = landing.events_of(all_sources, "klaviyo")
    assert {key: (event["event_type"], event["lead"]) for key, event in events.items()} == {
        "k01": ("email_delivered", ANN),
        "k02": ("email_opened_by_machine", ANN),
        "k03": ("email_opened", ANN),
        # It shares the uuid of k03 and is an event of its own.
        "k04": ("email_clicked", ANN),
        "k05": ("email_clicked_by_machine", ANN),
        "k06": ("email_bounced_hard", BEN),
        "k07": ("email_bounced_soft", BEN),
        # A bounce of no stated type is not for good.
        "k08": ("email_bounced_soft", BEN),
        "k09": ("email_unsubscribed", BEN),
        "k10": ("email_subscribed", ANN),
        "k11": ("email_marked_spam", BEN),
        "k12": ("order_completed", ANN),
        "k15": ("session_started", ANN),
        "k16": ("sms_clicked", ANN),
        # Its type stands in the table of metrics alone.
        "k19": ("page_viewed", ANN),
        # A profile that no table knows is a lead without an address.
        "k22": ("email_opened", None),
        "k27": ("email_opened", BACK),
    }


def test_what_events_name(all_sources: Project) -> None:
    """Money of an order alone, links of clicks, pages of visits, campaigns and flows, Klaviyo's own words."""
    events = landing.events_of(all_sources, "klaviyo")
    # The correction stands; the value of an e-mail is no money.
    assert {key: event["amount"] for key, event in events.items() if event["amount"] is not None} == {"k12": 130.0}
    assert {key: event["link_url"] for key, event in events.items() if event["link_url"]} == {
        "k04": "https://klaviyo.example/pricing",
        "k05": "https://klaviyo.example/pricing",
        "k16": "https://klaviyo.example/sms",
    }
    pages = {
        key: (event["page_path"], event["page_title"], event["utm_source"]) for key, event in events.items() if event["page_path"]
    }
    assert pages == {"k15": ("/pricing", None, "news"), "k19": ("/lamp", "Lamp", None)}
    assert (events["k01"]["campaign"], events["k01"]["email_id"]) == ("Spring", "c1")
    assert (events["k07"]["campaign"], events["k07"]["email_id"]) == ("Welcome series", "fm1")
    assert json.loads(events["k06"]["properties"]) == {
        "metric": "Bounced Email",
        "subject": "Hello spring",
        "bounce_type": "Hard",
    }
    assert json.loads(events["k10"]["properties"]) == {"metric": "Subscribed to List", "list": "Newsletter"}
    assert json.loads(events["k12"]["properties"]) == {"metric": "Placed Order", "currency_code": "EUR"}


def test_leads(all_sources: Project) -> None:
    """Fields of profiles; a deleted one is no lead, one that came back has nothing of the old profile."""
    rows = all_sources.rows("select * from marts.dim_leads where email like '%@klaviyo.example'")
    leads = {row["email"]: row for row in rows}
    assert set(leads) == {ANN, BEN, BACK}
    ann = leads[ANN]
    names = ("contact_id", "first_name", "last_name", "company", "job_title", "country", "city", "phone", "lead_source")
    assert [ann[name] for name in names] == ["p1", "Ann", "Lee", "Acme, Inc.", "Buyer", "France", "Lyon", "+33 1", "Footer form"]
    assert (ann["has_marketing_consent"], ann["consented_at"]) == (True, datetime(2025, 6, 1, 9, 0, 1))
    assert (leads[BEN]["has_marketing_consent"], leads[BEN]["consented_at"]) == (False, None)
    assert (leads[BACK]["contact_id"], leads[BACK]["first_name"], leads[BACK]["first_seen_on"]) == (
        "p5",
        "Back",
        date(2025, 12, 1),
    )


def test_erasures(all_sources: Project) -> None:
    """A profile that is gone is forgotten with its address, unless another profile bears it."""
    rows = all_sources.rows("select contact_id, email, requested_at from staging.stg_klaviyo__erasures")
    assert {row["contact_id"]: (row["email"], row["requested_at"]) for row in rows} == {
        "p3": ("gone@klaviyo.example", datetime(2026, 2, 2)),
        "p4": (None, datetime(2026, 2, 2)),
    }


def said_again(row: landing.Row, prefix: str) -> dict[str, Any]:
    """What should become of a row of the real tables, worked out without the project."""

    def value(name: str) -> str | None:
        return row[prefix + name if prefix.endswith("_") else prefix + name.replace("_", "")] or None

    properties = {
        "metric": row["type"],
        **{
            name: value(name)
            for name in ("subject", "list", "bounce_type", "name", "brand", "categories", "items", "currency_code")
        },
        "source_name": value("source_name"),
    }
    return {
        "event_id": row["id"],
        "event_type": {"Received Email": "email_delivered", "Placed Order": "order_completed"}[row["type"]],
        "contact_id": row["person_id"],
        "email_id": row["flow_message_id"] or row["campaign_id"] or None,
        "campaign": value("campaign_name"),
        "amount": float(value("value") or 0) if row["type"] == "Placed Order" and value("value") else None,
        "occurred_at": datetime.fromisoformat(row["timestamp"]),
        "loaded_at": datetime.fromisoformat(row["_fivetran_synced"]),
        "properties": {name: text for name, text in properties.items() if text},
    }


def said(project: Project) -> list[dict[str, Any]]:
    """What the project says of the rows, in the order of the file."""
    rows = project.rows(
        "select event_id, event_type, contact_id, email_id, campaign, amount, occurred_at, loaded_at, properties"
        " from staging.stg_klaviyo__events order by raw_row"
    )
    return [{**row, "properties": json.loads(row["properties"])} for row in rows]


def test_every_real_row_is_accounted_for(all_landed: Project) -> None:
    """All rows count: different events may share a uuid, and a second of two events is none of their ids."""
    rows = landing.read(REAL, "event")
    assert landing.source_rows(all_landed, "klaviyo") == Counter({("event", "scored", None): len({row["id"] for row in rows})})
    assert landing.rows_told(all_landed, "klaviyo") == {"event": len(rows)}
    assert len({row["uuid"] for row in rows}) < len(rows)
    assert said(all_landed) == [said_again(row, "property_") for row in rows]


def test_real_profiles(all_landed: Project) -> None:
    """Both profiles are leads; where a shop says that one does not accept marketing, nobody agreed."""
    emails = {row["email"] for row in landing.read(REAL, "person")}
    rows = all_landed.rows(
        "select email, country, has_marketing_consent, lead_source from staging.stg_klaviyo__contacts order by raw_row"
    )
    assert {row["email"] for row in rows} == emails
    assert [(row["country"], row["has_marketing_consent"], row["lead_source"]) for row in rows] == [
        ("United States", None, "Redesign - Mobile Email + SMS"),
        ("United States", False, None),
    ]


@pytest.fixture(scope="module")
def without_underscores(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The staging models built on the real table whose columns have no underscores."""
    project = Project(tmp_path_factory.mktemp("without_underscores") / "project")
    outcome = project.dbt(
        "build", "--select", "+path:models/staging/klaviyo", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test",
        raw=landing.LANDED,
        variables={
            "as_of_date": landing.AS_OF,
            "lead_scoring_sources": ["klaviyo"],
            "lead_scoring_raw_tables": {"klaviyo": {"event": "event_norename"}},
        },
    )  # fmt: skip
    assert outcome.success, outcome.exception
    return project


def test_columns_without_underscores_are_read(without_underscores: Project) -> None:
    """The same table from an account whose columns are named otherwise loads unchanged, properties included."""
    rows = landing.read(REAL, "event_norename")
    assert said(without_underscores) == [said_again(row, "property") for row in rows]
    assert [row["campaign"] for row in said(without_underscores)][:1] == ["Instagram Live"]


def test_the_copied_tables_are_the_shared_ones(real_data: Callable[[str], Path]) -> None:
    """The copy in the fixtures is equal to the shared data byte for byte, and has the tables that are read."""
    assert landing.copied_files_differ("klaviyo", real_data("seeds_klaviyo")) == []
    assert {file.stem for file in REAL.iterdir()} == {*landing.declared_tables("klaviyo"), "event_norename"}
