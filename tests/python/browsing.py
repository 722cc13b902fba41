"""A page as a person sees it: Debian's Chromium without a window, driven by Playwright, and watched for errors and for requests to the outside."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
NO_BROWSER = "NO BROWSER, SO NO PAGE WAS LOOKED AT: apt install chromium, or name one in LEAD_SCORING_CHROMIUM"
INSIDE = ("127.0.0.1", "localhost")
SERIOUS = ("serious", "critical")


def chromium() -> str:
    """The path of a Chromium; skips the test, loudly, where there is none."""
    found = os.environ.get("LEAD_SCORING_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(NO_BROWSER)
    return found


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """A browser without a window, closed afterwards."""
    path = chromium()
    with sync_playwright() as playwright:
        # Containers of CI run as root, where Chromium's own sandbox cannot be set up; what it opens here is ours.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watched:
    """A page, what went wrong on it, and whom it asked."""

    page: Page
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def quiet(self) -> None:
        """Raise AssertionError when the page told an error or asked anybody but this machine."""
        assert self.errors == []
        assert self.outside == []

    def violations(self) -> list[dict[str, Any]]:
        """What axe-core finds that is serious or critical."""
        found = Axe().run(self.page).response["violations"]
        return [
            {"rule": one["id"], "where": [node["target"] for node in one["nodes"]][:3]}
            for one in found
            if one["impact"] in SERIOUS
        ]


@contextmanager
def watched(browser: Browser, width: int = 1400, height: int = 900) -> Iterator[Watched]:
    """A new page that is watched from its first request on."""
    context = browser.new_context(viewport={"width": width, "height": height})
    found = Watched(context.new_page())

    def ask(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("file", "data", "blob", "about") and parts.hostname not in INSIDE:
            found.outside.append(url)

    found.page.on("console", lambda message: found.errors.append(message.text) if message.type == "error" else None)
    found.page.on("pageerror", lambda error: found.errors.append(str(error)))
    found.page.on("request", lambda request: ask(request.url))
    try:
        yield found
    finally:
        context.close()
