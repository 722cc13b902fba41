"""Take the pictures of the README from the demo: ``make pictures``. They are made, never drawn: what they show is what the report shows.

Needs the environment of the tests, Chromium, and a demo that was built (`make demo`).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PICTURES = PROJECT / "docs" / "pictures"
SHOWN = "amelie castillo"
"""The lead that the README explains."""

sys.path.insert(0, str(PROJECT / "tests" / "python"))

from browsing import opened_browser, watched  # type: ignore[import-not-found]  # noqa: E402


def take(report: Path, folder: Path) -> list[Path]:
    """Photograph the list and a lead of a report, and return the files. Raises AssertionError when a page tells an error."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / "report_list.png", folder / "report_lead.png"]
    with opened_browser() as browser, watched(browser, width=1200, height=760) as seen:
        seen.page.goto(report.as_uri())
        seen.page.wait_for_selector("html[data-ready]", state="attached")
        seen.page.screenshot(path=files[0])
        seen.page.fill("#search", SHOWN)
        seen.page.wait_for_selector("#rows tr:only-child")
        seen.page.click("#rows a")
        seen.page.wait_for_selector("#chart-course svg")
        seen.page.wait_for_selector("#chart-waterfall svg")
        seen.page.screenshot(path=files[1], clip={"x": 0, "y": 0, "width": 1200, "height": 1180}, full_page=True)
        seen.quiet()
    return files


def main() -> None:
    """Write the report of what is published, and its pictures into docs/pictures."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.html"
        subprocess.run([sys.executable, "scripts/lead_scoring", "report", "--output", str(report)], cwd=PROJECT, check=True)
        for file in take(report, PICTURES):
            print(file.relative_to(PROJECT))


if __name__ == "__main__":
    main()
