"""Raw tables of every vendor, and what became of their rows.

Two folders, each a raw folder as a user has one. ``tests/fixtures/sources`` is made up: small tables that join, in which each trap of a vendor's format is met
once with the answer known. ``tests/fixtures/landed`` holds real tables, copied unchanged, that nobody here wrote; few of them join. Each is built
once, with all its sources on (fixtures ``all_sources`` and ``all_landed`` of ``conftest.py``), and asked by the tests of each source.
"""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import yaml
from building import REPOSITORY, Project

FIXTURES = REPOSITORY / "tests" / "fixtures"
SOURCES = FIXTURES / "sources"
LANDED = FIXTURES / "landed"
AS_OF = "2026-03-10"

LANDED_FILES: dict[str, str | dict[str, str]] = {
    "hubspot": "{}_data",
    "marketo": "marketo_{}_data",
    "salesforce": "sf_{}_data",
    "ga4": "{}_data",
    "snowplow": "snowplow_web_{}",
    "brevo": {"webhook": "brevo"},
}
"""How the files of the real tables are called, by source, where not as the table: a pattern, or the names by table."""

SHARED_FOLDERS = {
    "hubspot": "seeds_hubspot",
    "marketo": "seeds_marketo",
    "salesforce": "seeds_salesforce",
    "mailchimp": "seeds_mailchimp",
    "klaviyo": "seeds_klaviyo",
    "ga4": "seeds_ga4_export",
    "snowplow": "snowplow_web",
    "email_webhooks": "email_webhooks",
    "brevo": "email_webhooks",
    "activecampaign": "api_recordings",
}
"""Where the real tables of a source stand in the shared data."""

Row = dict[str, str]
Counts = Counter[tuple[str, str, str | None]]
"""Rows by raw table, outcome and reason."""


def sources_in(folder: Path) -> list[str]:
    """The sources that a raw folder has, or those of them that LEAD_SCORING_TEST_SOURCES (a comma list) names."""
    wanted = os.environ.get("LEAD_SCORING_TEST_SOURCES")
    found = sorted(path.name for path in folder.iterdir() if (REPOSITORY / "models" / "staging" / path.name).is_dir())
    return [name for name in found if not wanted or name in wanted.split(",")]


def declared_tables(source: str) -> list[str]:
    """The raw tables that a source declares."""
    file = REPOSITORY / "models" / "staging" / source / f"_{source}__sources.yml"
    (declared,) = yaml.safe_load(file.read_text(encoding="utf-8"))["sources"]
    return [table["name"] for table in declared["tables"] if not table["name"].startswith("_")]


def landed_file(source: str, table: str) -> str:
    """How the file of a real table is called, without its ending."""
    names = LANDED_FILES[source]
    return names.get(table, table) if isinstance(names, dict) else names.format(table)


def landed_variables() -> dict[str, Any]:
    """The vars of a build of the real tables."""
    sources = sources_in(LANDED)
    names = {
        source: {table: landed_file(source, table) for table in declared_tables(source)}
        for source in sources
        if source in LANDED_FILES
    }
    return {"as_of_date": AS_OF, "lead_scoring_sources": sources, "lead_scoring_raw_tables": names}


def read(folder: Path, table: str) -> list[Row]:
    """The rows of a CSV table, as the csv module reads them."""
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_lines(file: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def source_rows(project: Project, source: str) -> Counts:
    """What the project says became of the event rows of a source."""
    rows = project.rows(f"select raw_table, outcome, reason, row_count from marts.rpt_source_rows where source = '{source}'")
    return Counter({(row["raw_table"], row["outcome"], row["reason"]): row["row_count"] for row in rows})


def rows_told(project: Project, source: str) -> Counter[str]:
    """How many event rows of each table of a source the project accounts for."""
    told = Counter[str]()
    for (table, _outcome, _reason), rows in source_rows(project, source).items():
        told[table] += rows
    return told


def events_of(project: Project, source: str) -> dict[str, dict[str, Any]]:
    """The events of a source that count, by event id, each with `lead`, the address (or the contact id) of whom they belong to."""
    rows = project.rows(
        "select events.*, coalesce(leads.email, leads.contact_id) as lead from intermediate.int_events_attributed as events"
        f" inner join marts.dim_leads as leads on events.lead_id = leads.lead_id where events.source = '{source}'"
    )
    return {row["event_key"].removeprefix(f"{source}:"): row for row in rows}


def tables_with(project: Project, *words: str) -> list[tuple[str, str]]:
    """The tables but the raw ones in which one of the words stands, in whatever case, with the word. One connection asks them all: to open the file takes longer."""
    with duckdb.connect(str(project.database), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE' and not starts_with(table_schema, 'raw_')"
        ).fetchall()
        assert tables
        found = []
        for schema, table in tables:
            hits = ", ".join("bool_or(contains(line, lower(?)))" for _ in words)
            lines = f'(select lower(cast(row_of as varchar)) as line from "{schema}"."{table}" as row_of)'
            row = connection.execute(f"select {hits} from {lines}", words).fetchall()[0]
            found += [(f"{schema}.{table}", word) for word, is_there in zip(words, row, strict=True) if is_there]
        return found


def copied_files_differ(source: str, shared: Path) -> list[str]:
    """The files of the landed copy that are not, byte by byte, those of the shared data."""
    return [
        file.name
        for file in sorted((LANDED / source).iterdir())
        if not (shared / file.name).is_file() or file.read_bytes() != (shared / file.name).read_bytes()
    ]
