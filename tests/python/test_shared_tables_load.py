"""Every table of the real data loads unchanged: each row and each cell is what the csv and json modules read.

Also the tables that no staging model reads. They are declared here, with every column as text, as a source of their own for every folder.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from building import Project

FOLDERS = (
    *("seeds_hubspot", "seeds_marketo", "seeds_salesforce", "seeds_mailchimp", "seeds_klaviyo", "seeds_ga4_export"),
    *("snowplow_web", "email_webhooks", "api_recordings", "mautic_fixtures"),
)
"""The folders that hold tables; vendor_schemas holds descriptions of tables."""

Rows = list[dict[str, Any]]


def tables_of(folder: Path) -> dict[str, Path]:
    """The tables of a folder by their name, which is the file's without its endings."""
    return {file.name.split(".")[0]: file for file in sorted(folder.iterdir()) if ".csv" in file.name or ".jsonl" in file.name}


TORN = {("mautic_fixtures", "fakeemaildata"): 2}
"""Tables with rows of more cells than the header names, and how many: they are quarantined, not read."""


ESCAPED = {"fakefielddata", "fakepagedata", "fakepagehitdata"}
"""Tables in which a backslash stands before a quote inside quotes, as a program of PHP wrote them; declared with `meta: {escape: "\\"}`."""


def text_of(file: Path) -> str:
    """What a file holds, unpacked, without a mark of the byte order."""
    return (gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()).decode("utf-8-sig")


def header_of(file: Path) -> list[str]:
    """The columns that a CSV file names, whether or not it has rows; a JSON lines file names none but in its rows."""
    if ".jsonl" in file.name:
        return []
    names: list[str] = []
    for name in (cell.strip().lower() for cell in next(csv.reader(io.StringIO(text_of(file), newline="")))):
        names.append(f"{name}_{names.count(name)}" if name in names else name)
    return names


def read(file: Path) -> Rows:
    """The rows of a table as Python's own modules read them; a blank cell is None, a column named again has a number behind its name."""
    if ".jsonl" in file.name:
        return [json.loads(line) for line in text_of(file).splitlines() if line.strip()]
    is_escaped = file.name.split(".")[0] in ESCAPED
    _, *rows = csv.reader(
        io.StringIO(text_of(file), newline=""), doublequote=not is_escaped, escapechar="\\" if is_escaped else None
    )
    names = header_of(file)
    whole = [row for row in rows if len(row) == len(names)]
    return [{name: cell if cell.strip() else None for name, cell in zip(names, row, strict=True)} for row in whole]


def source_of(folder: str) -> str:
    """What a folder is called here: some bear the name of a source that the project ships."""
    return f"real_{folder}"


def declaration(folder: str, files: dict[str, Path], tables: dict[str, Rows]) -> dict[str, Any]:
    """The folder as a dbt source: each column a text."""
    names = {
        table: list(dict.fromkeys([*header_of(files[table]), *(name for row in rows for name in row)]))
        for table, rows in tables.items()
    }
    rejected = {
        "name": "_rejected_lines",
        "columns": [{"name": name} for name in ("raw_table", "raw_file", "raw_row", "raw_text", "rejection_reason")],
    }
    return {
        "name": source_of(folder),
        "schema": f"raw_{source_of(folder)}",
        "tables": [
            rejected,
            *(
                {
                    "name": table,
                    "config": {"meta": {"escape": "\\"} if table in ESCAPED else {}},
                    "columns": [{"name": name, "data_type": "string", "quote": True} for name in columns],
                }
                for table, columns in names.items()
            ),
        ],
    }


@pytest.fixture(scope="module")
def loaded(
    tmp_path_factory: pytest.TempPathFactory, real_data: Callable[[str], Path]
) -> tuple[Project, dict[str, dict[str, Rows]]]:
    """The folders as raw tables, and what the tables should hold."""
    folder = tmp_path_factory.mktemp("loaded")
    project = Project(folder / "project")
    expected = {name: {table: read(file) for table, file in tables_of(real_data(name)).items()} for name in FOLDERS}
    (folder / "raw").mkdir()
    for name in FOLDERS:
        (folder / "raw" / source_of(name)).symlink_to(real_data(name), target_is_directory=True)
    declared = {
        "version": 2,
        "sources": [declaration(name, tables_of(real_data(name)), tables) for name, tables in expected.items()],
    }
    (project.folder / "models" / "_real_data__sources.yml").write_text(yaml.safe_dump(declared), encoding="utf-8")
    outcome = project.dbt(
        "seed",
        "--select",
        "words",
        raw=folder / "raw",
        variables={
            "lead_scoring_sources": [source_of(name) for name in FOLDERS],
            "lead_scoring_staged": {source_of(name): [] for name in FOLDERS},
        },
    )
    assert outcome.success, str(outcome.exception)
    return project, expected


@pytest.mark.parametrize("name", FOLDERS)
def test_every_table_loads_unchanged(name: str, loaded: tuple[Project, dict[str, dict[str, Rows]]]) -> None:
    """No row is rejected, none is missing, and every cell is the one in the file."""
    project, expected = loaded
    assert expected[name]
    torn = project.rows(f'select raw_table, count(*) as torn from "raw_{source_of(name)}"._rejected_lines group by raw_table')
    assert {(name, row["raw_table"]): row["torn"] for row in torn} == {key: n for key, n in TORN.items() if key[0] == name}
    for table, rows in expected[name].items():
        built = project.rows(
            f'select * exclude (_raw_file, _raw_text, _raw_unreadable) from "raw_{source_of(name)}"."{table}" order by _raw_row'
        )
        assert [row.pop("_raw_row") for row in built] == list(range(1, len(rows) + 1)), table
        for number, (found, row) in enumerate(zip(built, rows, strict=True)):
            told = {column: as_told(cell) for column, cell in row.items()}
            assert {column: as_told(found[column], parse=isinstance(row[column], dict | list)) for column in row} == told, (
                table,
                number,
            )


def as_told(cell: Any, parse: bool = False) -> Any:
    """A cell in the form in which both sides can be compared: a JSON value as what it means, a scalar as text, a blank as None."""
    if parse and isinstance(cell, str):
        cell = json.loads(cell)
    if cell is None or isinstance(cell, dict | list):
        return cell
    text = str(cell).lower() if isinstance(cell, bool) else str(cell)
    return text if text.strip() else None
