"""HubSpot as Fivetran lands it: every row is accounted for, and each trap of the format is met once with the answer known.

Two sets of tables. The real ones (``shared/data/seeds_hubspot``, or the copy under ``tests/fixtures/landed/hubspot`` where that is not there) hardly join; what
becomes of their rows is counted here a second time, with the csv module and no SQL. Those of ``tests/fixtures/sources/hubspot`` are ours, small, and join.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import landing
import pytest
from building import REPOSITORY, Project

FIXTURES = REPOSITORY / "tests" / "fixtures"
SOURCES = REPOSITORY / "models" / "staging" / "hubspot" / "_hubspot__sources.yml"
TABLES = [
    name for name in re.findall(r"^      - name: (\w+)$", SOURCES.read_text(encoding="utf-8"), re.MULTILINE) if name[0] != "_"
]
MODELS = ("events", "contacts", "accounts", "identity_links", "outcomes", "erasures")

Row = dict[str, str]
Counts = Counter[tuple[str, str, str | None]]
"""Rows by raw table, outcome and reason."""


def landed_folder() -> Path:
    """The folder of the real tables."""
    data = Path(os.environ.get("LEAD_SCORING_TEST_DATA") or REPOSITORY.parent / "shared" / "data")
    shared = data / "seeds_hubspot"
    return shared if shared.is_dir() else FIXTURES / "landed" / "hubspot"


def read(folder: Path, table: str) -> list[Row]:
    """The rows of a table, as the csv module reads them."""
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def source_rows(project: Project) -> Counts:
    """What the project says became of the rows."""
    rows = project.rows("select raw_table, outcome, reason, row_count from marts.rpt_source_rows where source = 'hubspot'")
    return Counter({(row["raw_table"], row["outcome"], row["reason"]): row["row_count"] for row in rows})


# --------------------------------------------------------------------------------------------------------------------
# The real tables
# --------------------------------------------------------------------------------------------------------------------

AS_OF = date(2020, 5, 31)
OUT_OF_SCOPE = {"PROCESSED", "DROPPED", "DEFERRED", "FORWARD", "PRINT", "UNBOUNCE"}


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project built on the real tables."""
    folder = tmp_path_factory.mktemp("landed")
    (folder / "raw").mkdir()
    (folder / "raw" / "hubspot").symlink_to(landed_folder(), target_is_directory=True)
    project = Project(folder / "project")
    variables = {
        "as_of_date": AS_OF.isoformat(),
        "lead_scoring_sources": ["hubspot"],
        "lead_scoring_raw_tables": {"hubspot": {table: f"{table}_data" for table in TABLES}},
    }
    project.build(folder / "raw", variables)
    return project


def participants(folder: Path, suffix: str = "") -> dict[str, set[str]]:
    """The contacts of each engagement."""
    found: dict[str, set[str]] = {}
    for row in read(folder, f"engagement_contact{suffix}"):
        found.setdefault(row["engagement_id"], set()).add(row["contact_id"])
    return found


def counted_again(folder: Path) -> Counts:
    """What should become of the rows of the real tables, counted without the project."""
    counts: Counts = Counter()
    seen: set[str] = set()
    status_changes = {row["id"]: row["portal_subscription_status"] for row in read(folder, "email_event_status_change_data")}
    for row in read(folder, "email_event_data"):
        code = row["type"].replace("_", "")
        is_known = code not in OUT_OF_SCOPE and (
            code != "STATUSCHANGE" or status_changes.get(row["id"]) in ("SUBSCRIBED", "UNSUBSCRIBED")
        )
        if not is_known:
            counts["email_event", "out_of_scope", None] += 1
        elif not row["recipient"]:
            counts["email_event", "quarantined", "no_identity"] += 1
        elif row["id"] in seen:
            counts["email_event", "duplicate", None] += 1
        elif row["obsoleted_by_id"]:
            counts["email_event", "deleted", None] += 1
        else:
            counts["email_event", "scored", None] += 1
        seen.add(row["id"])
    for row in read(folder, "contact_form_submission_data"):
        key = f"form {row['conversion_id']}"
        counts["contact_form_submission", "duplicate" if key in seen else "scored", None] += 1
        seen.add(key)
    contacts = participants(folder, "_data")
    timed = {row["engagement_id"] for kind in ("call", "meeting") for row in read(folder, f"engagement_{kind}_data")}
    for row in read(folder, "engagement_data"):
        for contact in contacts.get(row["id"]) or {""}:
            if row["type"] not in ("CALL", "MEETING"):
                counts["engagement", "out_of_scope", None] += 1
            elif row["id"] not in timed:
                counts["engagement", "quarantined", "missing_occurred_at"] += 1
            else:
                counts["engagement", *(("scored", None) if contact else ("quarantined", "no_identity"))] += 1
    return counts


def test_every_real_row_is_accounted_for(landed: Project) -> None:
    """The project and the csv module agree on what became of every row, table by table."""
    assert source_rows(landed) == counted_again(landed_folder())


def test_no_real_row_is_lost(landed: Project) -> None:
    """Rows read are rows scored, out of scope, duplicate, deleted, erased or quarantined."""
    told = Counter[str]()
    for (table, _outcome, _reason), rows in source_rows(landed).items():
        told[table] += rows
    folder = landed_folder()
    contacts = participants(folder, "_data")
    assert told == {
        "email_event": len(read(folder, "email_event_data")),
        "contact_form_submission": len(read(folder, "contact_form_submission_data")),
        "engagement": sum(max(1, len(contacts.get(row["id"], ()))) for row in read(folder, "engagement_data")),
    }


def test_real_rows_score(landed: Project) -> None:
    """Everybody who is known on the day has a score, and those who open e-mails one above 0."""
    folder = landed_folder()
    midnight = f"{AS_OF} 23:59:59.999"
    events = [row for row in read(folder, "email_event_data") if row["created"] <= midnight]
    recipients = {row["recipient"] for row in events if row["type"].replace("_", "") not in OUT_OF_SCOPE}
    contacts = {row["property_email"] for row in read(folder, "contact_data") if row["property_createdate"] <= midnight}
    # The one engagement names a contact that the table of contacts does not have. Contacts that were merged into one of 2021 count by its e-mail.
    merged = {
        merged_id: row["property_email"]
        for row in read(folder, "contact_data")
        for merged_id in row["property_hs_merged_object_ids"].split(";")
        if merged_id
    }
    contacts -= {row["property_email"] for row in read(folder, "contact_data") if row["id"] in merged}
    early = {row["id"] for row in read(folder, "contact_data") if row["property_createdate"] <= midnight}
    contacts |= {email for merged_id, email in merged.items() if merged_id in early}
    strangers = {row["contact_id"] for row in read(folder, "engagement_contact_data")}
    scores = landed.rows("select lead_id, score, behaviour_points from marts.fct_lead_scores where score_model = 'default'")
    assert len(scores) == len(recipients | contacts) + len(strangers)
    # After 60 days without any engagement the default model forgets behaviour.
    reset = f"{AS_OF - timedelta(days=60)} 00:00:00"
    openers = {
        row["recipient"] for row in events if row["type"] == "OPEN" and row["filtered_event"] != "true" and row["created"] > reset
    }
    assert openers
    above_zero = landed.rows(
        "select leads.email from marts.fct_lead_scores as scores inner join marts.dim_leads as leads on scores.lead_id = leads.lead_id"
        " where scores.score_model = 'default' and scores.score > 0"
    )
    assert {row["email"] for row in above_zero} == openers


def test_real_merges_become_links(landed: Project) -> None:
    """The list of the surviving contact and the audit of older accounts are both read."""
    links = landed.rows("select contact_id, merged_into_contact_id from staging.stg_hubspot__identity_links")
    assert Counter((row["contact_id"], row["merged_into_contact_id"]) for row in links) == Counter(
        [(merged_id, "78971951") for merged_id in ("76340251", "46897301", "76226001")]
        + [("11111", "5555"), ("7777", "4444"), ("8888", "3333"), ("9999", "2222")]
    )


def test_ids_of_forms_keep_their_zeros(landed: Project) -> None:
    """Contact 001 is not contact 1, and form 012 has its name."""
    rows = landed.rows(
        "select contact_id, asset, page_path, loaded_at from staging.stg_hubspot__events where raw_table = 'contact_form_submission' order by contact_id"
    )
    assert [(row["contact_id"], row["asset"], row["page_path"]) for row in rows] == [
        ("001", "Newsletter Signup", "/newsletter"),
        ("002", "Download Guide", "/guide"),
        ("003", "Contact Us", "/contact"),
        ("004", "Request Demo", "/demo"),
        ("005", "Signup Form", "/signup"),
    ]
    # `2024-12-30 3:15:52` has an hour of one digit.
    assert {row["loaded_at"] for row in rows} == {datetime(2024, 12, 30, 3, 15, 52)}


def test_the_copied_tables_are_the_shared_ones() -> None:
    """Where the shared data is here, the copy in the fixtures is equal to it byte for byte."""
    copied = FIXTURES / "landed" / "hubspot"
    assert {file.name for file in copied.iterdir()} == {f"{table}_data.csv" for table in TABLES}
    for file in copied.iterdir():
        assert file.read_bytes() == (landed_folder() / file.name).read_bytes(), file.name


# --------------------------------------------------------------------------------------------------------------------
# Tables that join
# --------------------------------------------------------------------------------------------------------------------

JOINED = FIXTURES / "sources"
JOINED_VARIABLES = {"as_of_date": "2026-03-10", "lead_scoring_sources": ["hubspot"]}


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project built, and its data tests run, on the tables that join."""
    project = Project(tmp_path_factory.mktemp("joined") / "project")
    project.build(JOINED, JOINED_VARIABLES, without=("unit_test",))
    return project


def test_every_joined_row_is_accounted_for(joined: Project) -> None:
    """Each outcome that a row can have is there, with its reason."""
    assert source_rows(joined) == {
        ("email_event", "scored", None): 17,
        # PROCESSED, DEFERRED, DROPPED, FORWARD, PRINT, UNBOUNCE, a change of status without details, a type that nobody knows
        ("email_event", "out_of_scope", None): 8,
        ("email_event", "duplicate", None): 1,
        ("email_event", "deleted", None): 1,
        ("email_event", "erased", None): 1,
        ("email_event", "quarantined", "missing_event_type"): 1,
        ("email_event", "quarantined", "no_identity"): 1,
        ("email_event", "quarantined", "unreadable_created"): 1,
        ("email_event", "quarantined", "unreadable_duration"): 1,
        ("email_event", "quarantined", "future_event"): 1,
        ("contact_form_submission", "scored", None): 5,
        ("contact_form_submission", "duplicate", None): 1,
        ("contact_form_submission", "erased", None): 1,
        ("engagement", "scored", None): 6,
        # a call that nobody took, a meeting called off, an e-mail of sales, a note, a task, a message
        ("engagement", "out_of_scope", None): 6,
        ("engagement", "deleted", None): 1,
        ("engagement", "quarantined", "no_identity"): 1,
        ("engagement", "quarantined", "missing_occurred_at"): 1,
    }
    contacts = participants(JOINED / "hubspot")
    assert sum(source_rows(joined).values()) == (
        len(read(JOINED / "hubspot", "email_event"))
        + len(read(JOINED / "hubspot", "contact_form_submission"))
        + sum(max(1, len(contacts.get(row["id"], ()))) for row in read(JOINED / "hubspot", "engagement"))
    )


ANN, BEN, BACK, CARL = "ann@example.com", "ben@example.com", "back@example.com", "carl@example.com"
SEVEN, ZERO, STRANGER = "seven@example.com", "zero@example.com", "stranger@example.com"


def test_leads(joined: Project) -> None:
    """Merged contacts are one lead, a deleted one is none, one that came back is one, 007 and 7 are two."""
    leads = joined.rows("select * from marts.dim_leads")
    assert {row["email"] or row["contact_id"] for row in leads} == {ANN, BEN, BACK, CARL, SEVEN, ZERO, STRANGER, "109"}
    by_email = {row["email"]: row for row in leads}
    ann = by_email[ANN]
    assert {
        name: ann[name]
        for name in ("contact_id", "first_name", "company", "company_domain", "job_title", "employee_count", "annual_revenue")
    } == {
        "contact_id": "101",
        "first_name": "Ann",
        "company": "Acme, Inc.",
        "company_domain": "acme.example",
        "job_title": 'Head of "Growth"',
        "employee_count": 25,
        "annual_revenue": 1500000,
    }
    assert (ann["lead_source"], ann["owner"], ann["lifecycle_stage"], ann["country"]) == (
        "ORGANIC_SEARCH",
        "9001",
        "lead",
        "France",
    )
    # Her oldest contact was merged away; the lead is as old as it.
    assert ann["first_seen_on"] == date(2025, 1, 1)
    assert by_email[BEN]["is_email_opted_out"] is True
    assert by_email[BEN]["created_at"] == datetime(2025, 6, 1, 9, 30)
    assert by_email[ZERO]["contact_id"] == "007"
    # Nothing of the contact that was deleted before she came back.
    assert (by_email[BACK]["first_name"], by_email[BACK]["job_title"]) == ("Back", None)


def test_events(joined: Project) -> None:
    """Each type of event, its details, and whose it is."""
    events = joined.rows(
        "select events.*, coalesce(leads.email, leads.contact_id) as lead from intermediate.int_events_attributed as events"
        " inner join marts.dim_leads as leads on events.lead_id = leads.lead_id"
    )
    by_id = {row["event_key"].removeprefix("hubspot:"): row for row in events}
    assert {key: (row["event_type"], row["lead"]) for key, row in by_id.items()} == {
        "e01": ("email_sent", ANN),
        "e03": ("email_delivered", ANN),
        "e06": ("email_bounced_hard", SEVEN),
        "e07": ("email_bounced_soft", ZERO),
        # Without details nothing says that it is for good.
        "e08": ("email_bounced_soft", ZERO),
        "e09": ("email_opened", ANN),
        # To the addresses of the contacts that were merged into hers.
        "e10": ("email_opened", ANN),
        "e27": ("email_opened", ANN),
        "e11": ("email_opened_by_machine", ANN),
        "e12": ("email_clicked", ANN),
        "e13": ("email_clicked_by_machine", ANN),
        "e16": ("email_unsubscribed", BEN),
        "e17": ("email_subscribed", CARL),
        "e19": ("email_marked_spam", ZERO),
        "e20": ("email_marked_spam", SEVEN),
        "e29": ("email_opened", BACK),
        "e31": ("email_opened", STRANGER),
        "form_submission:c1": ("form_submitted", ANN),
        # The same submission stands at a merged contact and at the one that it became.
        "form_submission:c3": ("form_submitted", ANN),
        "form_submission:c2": ("form_submitted", ZERO),
        # Of a contact that only the audit of merges knows.
        "form_submission:108:f1:2026-02-24 11:00:00": ("form_submitted", BEN),
        "form_submission:c6": ("form_submitted", "109"),
        "engagement:g1:110": ("call_completed", CARL),
        "engagement:g3:110": ("meeting_held", CARL),
        "engagement:g3:101": ("meeting_held", ANN),
        # One is still to come, of the other nobody said whether it was held.
        "engagement:g4:110": ("meeting_booked", CARL),
        "engagement:g14:104": ("meeting_booked", BEN),
        "engagement:g6:110": ("email_replied", CARL),
    }
    assert (by_id["e09"]["occurred_at"], by_id["e09"]["duration_seconds"]) == (datetime(2026, 2, 2, 2, 40), 4.5)
    assert by_id["e10"]["occurred_at"] == datetime(2026, 2, 10, 3, 15, 52)
    assert (by_id["e09"]["email_id"], by_id["e09"]["campaign"]) == ("70", "Spring news")
    assert by_id["e12"]["link_url"] == "https://example.com/pricing?utm_source=mail"
    assert json.loads(by_id["e06"]["properties"]) == {"bounce_category": "UNKNOWN_USER", "bounce_status": "550"}
    assert json.loads(by_id["e16"]["properties"]) == {
        "subscription_status": "UNSUBSCRIBED",
        "subscription_source": "SOURCE_RECIPIENT",
    }
    form = by_id["form_submission:c1"]
    assert (form["asset"], form["page_path"], form["page_title"]) == ("Request demo", "/demo", "Ask for a demo")
    assert (form["utm_source"], form["utm_medium"], form["utm_campaign"]) == ("news", "email", "spring")
    assert (by_id["form_submission:c2"]["asset"], by_id["form_submission:c2"]["page_path"]) == ("012", "/")
    assert by_id["form_submission:108:f1:2026-02-24 11:00:00"]["page_title"] == 'Multi\nline, "title"'
    assert (by_id["engagement:g1:110"]["occurred_at"], by_id["engagement:g1:110"]["duration_seconds"]) == (
        datetime(2026, 2, 18, 8, 30),
        600,
    )
    assert by_id["engagement:g3:101"]["duration_seconds"] == 5400
    assert by_id["engagement:g4:110"]["occurred_at"] == datetime(2026, 2, 27, 9)


def test_outcomes(joined: Project) -> None:
    """Won and lost deals reach the leads of their contacts; a deal's money is shared, and counted once."""
    rows = joined.rows(
        "select outcomes.outcome_id, outcomes.outcome, outcomes.reason, outcomes.amount, outcomes.occurred_on, leads.email"
        " from intermediate.int_outcomes_resolved as outcomes inner join marts.dim_leads as leads on outcomes.lead_id = leads.lead_id"
    )
    assert {
        row["outcome_id"]: (row["email"], row["outcome"], row["reason"], row["amount"], row["occurred_on"].day) for row in rows
    } == {
        "d1:110": (CARL, "won", None, Decimal("500"), 15),
        "d1:104": (BEN, "won", None, Decimal("500"), 15),
        "d2:007": (ZERO, "lost", "price", Decimal("300"), 16),
        # By the stage's probability alone, and through a contact that was merged away.
        "d4:102": (ANN, "won", None, Decimal("50.5"), 17),
        "d8:7": (SEVEN, "lost", None, None, 18),
    }
    assert joined.rows("select raw_table, reason from quarantine.records") == [{"raw_table": "deal", "reason": "no_identity"}]


def test_nothing_is_left_of_the_deleted_contact(joined: Project) -> None:
    """Neither the address nor the name of who was deleted is in any table; merged and restored contacts were not deleted."""
    erasures = joined.rows("select contact_id, email from staging.stg_hubspot__erasures")
    assert {(row["contact_id"], row["email"]) for row in erasures} == {("105", "gone@example.com"), ("106", None)}
    assert landing.tables_with(joined, "gone@example.com", "Back, the first time", "By the deleted contact") == []


# --------------------------------------------------------------------------------------------------------------------
# The formats
# --------------------------------------------------------------------------------------------------------------------


def write_format(folder: Path, kind: str) -> None:
    """Write the tables that join in another format."""
    folder.mkdir(parents=True)
    for table in TABLES:
        rows = read(JOINED / "hubspot", table)
        if kind == "csv.gz":
            # In parts, as unloading a warehouse gives them.
            (folder / table).mkdir()
            for part in range(2):
                with gzip.open(folder / table / f"part-{part}.csv.gz", "wt", encoding="utf-8", newline="") as file:
                    writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\r\n" if part else "\n")
                    writer.writeheader()
                    writer.writerows(rows[part::2])
        elif kind == "jsonl":
            lines = [json.dumps({name: value or None for name, value in row.items()}) for row in rows]
            (folder / f"{table}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        else:
            source = (
                f"read_csv('{JOINED / 'hubspot' / table}.csv', all_varchar = true, header = true, quote = '\"', escape = '\"')"
            )
            # As a warehouse types them: times with a zone, flags as flags.
            typed = [
                f"cast({name} || '+00' as timestamptz) as {name}"
                if name == "_fivetran_synced"
                else f"cast({name} as boolean) as {name}"
                if name in ("_fivetran_deleted", "filtered_event", "is_deleted")
                else f'"{name}"'
                for name in rows[0]
            ]
            duckdb.sql(f"copy (select {', '.join(typed)} from {source}) to '{folder / table}.parquet' (format parquet)")


@pytest.fixture(scope="module")
def formats(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """What the staging models say, by format and model, without where it came from."""
    folder = tmp_path_factory.mktemp("formats")
    project = Project(folder / "project")
    told: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for kind in ("csv", "csv.gz", "jsonl", "parquet"):
        raw = JOINED if kind == "csv" else folder / kind
        if kind != "csv":
            write_format(raw / "hubspot", kind)
        outcome = project.dbt(
            "build", "--select", "+path:models/staging/hubspot", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test",
            raw=raw, variables=JOINED_VARIABLES,
        )  # fmt: skip
        assert outcome.success, (kind, outcome.exception)
        told[kind] = {
            model: project.rows(f"select * exclude (raw_file, raw_row, raw_text) from staging.stg_hubspot__{model} order by all")
            for model in MODELS
        }
    return told


@pytest.mark.parametrize("kind", ["csv.gz", "jsonl", "parquet"])
@pytest.mark.parametrize("model", MODELS)
def test_formats_say_the_same(formats: dict[str, dict[str, list[dict[str, Any]]]], kind: str, model: str) -> None:
    """Every format gives what the plain CSV files give."""
    assert formats["csv"][model]
    assert formats[kind][model] == formats["csv"][model]
