"""An audit of the dependencies says what is vulnerable, and never takes silence for an answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import audit_dependencies
import pytest

SOUND = {"name": "duckdb", "version": "1", "vulns": []}
FLAWED = {"name": "six", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"], "aliases": [], "description": ""}]}
UNKNOWN = {"name": "rich", "skip_reason": "Dependency not found on PyPI and could not be audited: rich (1)"}


@pytest.mark.parametrize(
    ("packages", "code", "words"),
    [
        ([SOUND], 0, "No known vulnerability in the 1 packages"),
        ([SOUND, FLAWED], 1, "six 1: CVE-1, fixed in 2"),
        ([SOUND, UNKNOWN], 2, "no answer about 1 of 2 packages"),
        ([FLAWED, UNKNOWN], 1, "no answer about 1 of 2 packages"),
        ([], 2, "no answer about 0 of 0 packages"),
    ],
)
def test_only_an_answer_about_every_package_is_an_answer(
    packages: list[dict[str, Any]], code: int, words: str, tmp_path: Path
) -> None:
    """pip-audit itself ends well when it was told nothing."""
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"dependencies": packages, "fixes": []}))
    told, lines = audit_dependencies.verdict(report, "")
    assert told == code
    assert words in "\n".join(lines)


def test_no_report_is_no_answer(tmp_path: Path) -> None:
    """What pip-audit said last is passed on."""
    assert audit_dependencies.verdict(tmp_path / "none.json", "ConnectionError: no route") == (
        2,
        ["Nothing was audited: pip-audit wrote no report. ConnectionError: no route"],
    )
