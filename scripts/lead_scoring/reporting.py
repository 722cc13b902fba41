"""The run report: what was read, what was quarantined, what the guards and the audit found; as JSON for programs and as Markdown for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from lead_scoring.database import Row, records

# What each guard's figure says of its subject.
SENTENCES = {
    "rows_of_a_day": "{subject} loaded {figure} times the rows of its usual day in its last 24 hours",
    "share_quarantined": "{percent} of the event rows of {subject} cannot be used",
    "share_quarantined_of_a_day": "{percent} of the event rows that {subject} loaded in its last 24 hours cannot be used",
    "days_without_rows": "the newest row of {subject} is {figure} days old",
    "leads_kept": "{subject} has {percent} of the leads that were published last",
    "share_of_leads_moved": "{percent} of the leads of {subject} are in another segment than was published last",
    "score_drift": "the scores of {subject} drift by an index of {figure} from those published last",
}
LIMITS = {"warn_below": "warns below", "warn_above": "warns above", "stop_below": "stops below", "stop_above": "stops above"}


def collect(connection: duckdb.DuckDBPyConnection, built: str, run: Row) -> dict[str, Any]:
    """All that the report says of the run that stands in the attached database."""
    return {
        "run_id": run["run_id"],
        "as_of_date": str(run["as_of_date"]),
        "told_at": datetime.now(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds"),
        "grid_version": single(connection, f"select max(grid_version) from {built}.marts.fct_lead_scores"),
        "leads": single(connection, f"select count(*) from {built}.marts.dim_leads"),
        "guards": records(connection, f"select * from {built}.marts.rpt_guards order by guard, subject"),
        "sources": records(
            connection,
            f"select source, raw_table, outcome, reason, row_count from {built}.marts.rpt_source_rows order by all",
        ),
        "segments": records(
            connection,
            f"select score_model, segment, count(*) as leads from {built}.marts.fct_lead_scores group by all order by all",
        ),
        "quarantine": records(
            connection,
            f"select source, raw_table, reason, count(*) as row_count from {built}.quarantine.records group by all order by all",
        ),
    }


def single(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    """The one value of a query."""
    return connection.execute(query).fetchall()[0][0]


def as_text(value: object) -> str:
    """A value as JSON."""
    return json.dumps(value, indent=2, default=str, ensure_ascii=False) + "\n"


def write(folder: Path, name: str, told: Mapping[str, Any]) -> None:
    """Write ``name.json`` and ``name.md`` into a folder."""
    for ending, text in ((".json", as_text(told)), (".md", "\n".join(markdown(told)) + "\n")):
        part = folder / f"{name}{ending}.part"
        part.write_text(text, encoding="utf-8")
        part.replace(folder / f"{name}{ending}")


def guard_in_words(row: Row) -> str:
    """A guard's figure as a sentence with its limits."""
    # Four places, as the limits have: rounded further, a figure could look like the limit that it is beyond.
    plain = f"{float(row['figure']):,.4f}".rstrip("0").rstrip(".")
    percent = f"{float(row['figure']):.1%}"
    sentence = SENTENCES.get(row["guard"], "{subject}: {figure}").format(subject=row["subject"], figure=plain, percent=percent)
    limits = [f"{words} {float(row[limit]):g}" for limit, words in LIMITS.items() if row.get(limit) is not None]
    return f"{row['guard']}: {sentence} ({', '.join(limits) or 'no limits'})"


def markdown(told: Mapping[str, Any]) -> list[str]:
    """The report for people."""
    published = "published" if told.get("published") else "not published"
    lines = [f"# Scores for {told['as_of_date']}: {published}", ""]
    lines += [f"Run {told['run_id']}, told at {told['told_at']} UTC; {told['leads']:,} leads; grid {told['grid_version']}.", ""]
    lines += ["## Guards", "", "| | guard |", "|---|---|"]
    lines += [f"| {row['status']} | {cell(guard_in_words(row))} |" for row in told["guards"]]
    audit = told.get("audit")
    if audit:
        lines += ["", "## Audit", ""]
        lines += ["dbt ran the tests."] if audit["by_dbt"] else [f"{audit['passed']} tests passed."]
        lines += [f"- broken: {name}: {count:,} rows" for name, count in audit["broken"].items()]
        lines += [f"- left to `make build`: {name}" for name in audit["left_to_dbt"]]
    lines += ["", "## Rows of events", "", "| source | table | outcome | reason | rows |", "|---|---|---|---|--:|"]
    lines += [
        f"| {cell(row['source'])} | {cell(row['raw_table'])} | {row['outcome']} | {cell(row['reason'] or '')} | {row['row_count']:,} |"
        for row in told["sources"]
    ]
    if told["quarantine"]:
        lines += ["", "## Other rows in quarantine", "", "| source | table | reason | rows |", "|---|---|---|--:|"]
        lines += [
            f"| {cell(row['source'])} | {cell(row['raw_table'])} | {cell(row['reason'])} | {row['row_count']:,} |"
            for row in told["quarantine"]
        ]
    lines += ["", "## Leads", "", "| score model | segment | leads |", "|---|---|--:|"]
    lines += [f"| {cell(row['score_model'])} | {cell(row['segment'])} | {row['leads']:,} |" for row in told["segments"]]
    return lines


def cell(text: object) -> str:
    """Text that stays in its cell of a Markdown table."""
    return str(text).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
