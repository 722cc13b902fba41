"""CSV files for people: no cell runs when a spreadsheet opens the file, and no value is lost."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
from lead_scoring.exports import write_csv

HOSTILE = (
    "=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\ufeff=1", "\uff1d1", "-", "=HYPERLINK(\"x\")", "\tplain",
)  # fmt: skip
HARMLESS = ("plain", "a=b", "1-2", "ann@example.com", "'quoted", "", "línea", 'a "quoted" word', "two\nlines", "1,5")


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_looks_like_a_formula_gets_an_apostrophe(tmp_path: Path, text: str) -> None:
    assert written(tmp_path, text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays(tmp_path: Path, text: str) -> None:
    assert written(tmp_path, text) == text


def written(folder: Path, text: str) -> str:
    """The cell that a text becomes."""
    with duckdb.connect() as connection:
        connection.execute("create table cells as select ? as name, -1.5 as points, date '2026-03-10' as day", [text])
        write_csv(connection, "select * from cells", folder / "out.csv")
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["points"], row["day"]) for row in rows] == [("-1.5", "2026-03-10")]
    assert not (folder / "out.csv.part").exists()
    return rows[0]["name"]
