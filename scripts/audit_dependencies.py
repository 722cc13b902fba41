"""Ask whether a known vulnerability is in what requirements.txt locks: ``make audit-dependencies``.

pip-audit ends with 0 when it could ask about no package at all. Here only an answer about every package is an answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
LOCK = PROJECT / "requirements.txt"
REPORT = PROJECT / "target" / "dependency-audit.json"

NONE_KNOWN = 0
VULNERABLE = 1
NOT_ANSWERED = 2


def ask(lock: Path, report: Path) -> str:
    """Call pip-audit, which writes its report; returns the last line that it said."""
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--require-hashes", "--disable-pip"]
    command += ["--progress-spinner", "off", "--format", "json", "--output", str(report)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stderr.strip().splitlines() or [""])[-1]


def verdict(report: Path, said: str) -> tuple[int, list[str]]:
    """The exit code and what to print: each vulnerable package, and how many packages nothing could be learnt about."""
    try:
        found: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["dependencies"]
    except (OSError, ValueError, KeyError):
        return NOT_ANSWERED, [f"Nothing was audited: pip-audit wrote no report. {said}".rstrip()]
    lines = [
        f"{package['name']} {package['version']}: {flaw['id']}, fixed in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for package in found
        for flaw in package.get("vulns", [])
    ]
    skipped = [package["name"] for package in found if "skip_reason" in package]
    if skipped or not found:
        lines.append(
            f"The vulnerability service had no answer about {len(skipped)} of {len(found)} packages, so nothing is known of them."
            " Is there a way to the internet from here?"
        )
    if any(package.get("vulns") for package in found):
        return VULNERABLE, lines
    if skipped or not found:
        return NOT_ANSWERED, lines
    return NONE_KNOWN, [f"No known vulnerability in the {len(found)} packages of {LOCK.name}."]


def main() -> int:
    """Ask and say; 0 none is known, 1 there are some, 2 the service did not answer about every package."""
    code, lines = verdict(REPORT, ask(LOCK, REPORT))
    print("\n".join(lines), file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main())
