"""The report in a real browser: its numbers are those of the marts, its bars add up, nothing leaves it, and it works without a mouse."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from browsing import Watched, opened_browser, watched
from conftest import Copy
from playwright.sync_api import Browser, expect

READY = "html[data-ready]"
ROWS = "#rows tr"
PLANTED = '<script>document.title = "taken over"</script><img src=x onerror="throw 1">'
PLANTED_COMPANY = "</script></main><b>Planted & Söhne"
OTHER_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{2,}@[A-Za-z0-9-]+\.")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of this file."""
    with opened_browser() as found:
        yield found


@dataclass(frozen=True)
class Publication:
    """A folder of published versions, and the project whose command line reads it."""

    project: Copy
    folder: Path

    @property
    def database(self) -> Path:
        """The published database that readers see."""
        return self.folder / "current" / "lead_scoring.duckdb"

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line on these versions."""
        return self.project.cli(*arguments, LEAD_SCORING_PUBLISHED=str(self.folder))

    def execute(self, statement: str, parameters: Sequence[str] = ()) -> None:
        """Change what is published."""
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(statement, parameters)


@pytest.fixture(scope="module")
def published(demo: Copy, tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """A copy of what the demo has published, in which one lead has a name that is a script."""
    found = Publication(demo, tmp_path_factory.mktemp("report") / "published")
    shutil.copytree(demo.folder / "lead_scoring_published", found.folder, symlinks=True)
    found.execute(
        "update marts.dim_leads set first_name = ?, last_name = 'Planted', company = ?"
        " where lead_id = (select lead_id from marts.fct_lead_scores where score_model = 'default' and score_rank = 7)",
        [PLANTED, PLANTED_COMPANY],
    )
    return found


@pytest.fixture(scope="module")
def report(published: Publication) -> Path:
    """The report as `make report` writes it."""
    return written(published)


def written(published: Publication, *arguments: str, name: str = "report.html") -> Path:
    """Write a report and return its file."""
    file = published.folder.parent / name
    done = published.cli("report", "--output", str(file), *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return file


def rows(published: Publication, query: str) -> list[tuple[Any, ...]]:
    """Rows of the published database."""
    with duckdb.connect(str(published.database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def payload(report: Path) -> dict[str, Any]:
    """The data that a report holds."""
    found = re.search(r'<script type="text/plain" id="data">([^<]*)</script>', report.read_text(encoding="utf-8"))
    assert found
    unpacked: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(found[1])))
    return unpacked


@contextmanager
def on(browser: Browser, report: Path, fragment: str = "") -> Iterator[Watched]:
    """The report in a new page, with its data unpacked; afterwards nothing may have gone wrong on it."""
    with watched(browser) as seen:
        seen.page.goto(report.as_uri() + fragment)
        seen.page.wait_for_selector(READY, state="attached")
        yield seen
        seen.quiet()


def test_the_list_shows_what_the_marts_say(browser: Browser, published: Publication, report: Path) -> None:
    expected = rows(
        published,
        "select lead_id, score, score - score_7d_ago, segments.label from marts.fct_lead_scores as scores"
        " inner join marts.dim_segments as segments using (score_model, segment) where score_model = 'default' and score_rank <= 100 order by score_rank",
    )
    with on(browser, report) as seen:
        assert seen.page.locator(ROWS).count() == 100
        found = seen.page.locator(ROWS).evaluate_all(
            "rows => rows.map(row => [row.querySelector('a').hash.slice(6), row.querySelector('.score').textContent,"
            " row.querySelector('.change [aria-hidden]').textContent.split(' ')[1], row.querySelector('.badge').textContent])"
        )
        changes = {None: "new", 0: "0"}
        assert found == [
            [lead, str(score), changes.get(change, f"{change:+}".replace("-", "\N{MINUS SIGN}") if change else ""), label]
            for lead, score, change, label in expected
        ]
        chips = dict(text.rsplit(" ", 1) for text in seen.page.locator(".chips button").all_inner_texts())
        counted = rows(
            published,
            "select segments.label, count(*)::varchar from marts.fct_lead_scores inner join marts.dim_segments as segments using (score_model, segment)"
            " where score_model = 'default' and not is_excluded group by 1",
        )
        assert chips == dict(counted)
        seen.page.wait_for_selector("#chart-segments svg")
        drawn = set(seen.page.locator("#chart-segments svg text").all_text_contents())
        assert {count for _, count in counted} <= drawn


def test_the_bars_of_every_lead_add_up_to_its_score(published: Publication, report: Path) -> None:
    held = payload(report)
    scores = dict(
        rows(
            published, "select lead_id, score_exact from marts.fct_lead_scores where score_model = 'default' and not is_excluded"
        )
    )
    assert len(held["leads"]["id"]) == len(scores) > 1000
    for place, lead in enumerate(held["leads"]["id"]):
        assert Decimal(sum(entry[6] for entry in held["ledger"][place])) / 1_000_000 == scores[lead]


def test_a_lead_is_told_as_it_stands_in_the_marts(browser: Browser, published: Publication, report: Path) -> None:
    lead, exact, model = rows(
        published,
        "select lead_id, score_exact, score_model from marts.fct_lead_scores where score_model = 'default' and score_rank = 40",
    )[0]
    with on(browser, report, f"#lead={lead}") as seen:
        page = seen.page
        page.wait_for_selector("#chart-waterfall svg")
        entries = page.locator("#ledger tbody td[data-millionths]").evaluate_all(
            "cells => cells.map(cell => Number(cell.dataset.millionths))"
        )
        assert Decimal(sum(entries)) / 1_000_000 == exact
        assert sorted(entries) == sorted(
            int(points * 1_000_000)
            for (points,) in rows(
                published,
                f"select points from marts.fct_lead_score_contributions where lead_id = '{lead}' and score_model = '{model}'",
            )
        )
        assert page.locator("#sum").text_content() == f"{exact.quantize(Decimal('0.01')).normalize():f}"
        # The bars themselves, as a screen reader is told of them.
        bars = page.locator("#chart-waterfall svg [aria-roledescription=bar]").evaluate_all(
            "bars => bars.map(bar => bar.getAttribute('aria-label'))"
        )
        assert bars[-1] == f"Score: {exact.quantize(Decimal('0.01')).normalize():f}"
        given = [float(bar.rpartition(": ")[2].replace("\N{MINUS SIGN}", "-")) for bar in bars[:-1]]
        assert len(given) == len([entry for entry in entries if entry])
        assert abs(sum(given) - float(exact)) < 0.01 * len(given)
        told = page.locator("#reasons li").all_text_contents()
        assert told == [
            sentence
            for (sentence,) in rows(
                published,
                f"select sentence from marts.fct_lead_reasons where lead_id = '{lead}' and score_model = '{model}' order by reason_rank",
            )
        ]
        drawn = page.locator("#chart-course svg text").all_text_contents()
        for (score,) in rows(
            published, f"select score from marts.fct_lead_scores_dated where lead_id = '{lead}' and score_model = '{model}'"
        ):
            assert str(score) in drawn


def test_search_finds_a_planted_lead_and_shows_its_name_as_text(browser: Browser, report: Path) -> None:
    with on(browser, report) as seen:
        page = seen.page
        page.fill("#search", "planted SOHNE")
        expect(page.locator(ROWS)).to_have_count(1)
        assert PLANTED in page.locator("#rows a").inner_text()
        page.click("#rows a")
        expect(page.locator("h1")).to_have_text(f"{PLANTED} Planted")
        expect(page.locator("main")).to_contain_text(PLANTED_COMPANY)
        assert page.title() != "taken over"
        assert page.locator("main script, main img, main b").count() == 0
    assert "taken over" not in report.read_text(encoding="utf-8"), "what leads are called is packed"


def test_search_takes_a_whole_address_although_it_is_masked(browser: Browser, published: Publication, report: Path) -> None:
    """The first letter and the domain are there; whoever they fit is found, and who is nobody is said to be."""
    email, name = rows(
        published,
        "select email, concat_ws(' ', first_name, last_name) from marts.fct_lead_scores inner join marts.dim_leads using (lead_id)"
        " where score_model = 'default' and score_rank = 12",
    )[0]
    with on(browser, report) as seen:
        page = seen.page
        page.fill("#search", email)
        expect(page.locator("#found")).to_contain_text(" of ")
        assert name in page.locator("#rows").inner_text()
        expect(page.locator("#more")).to_be_hidden()
        page.fill("#search", "nobody@nowhere.example")
        expect(page.locator("#found")).to_have_text("Nobody found.")


def test_filters_hold_together(browser: Browser, published: Publication, report: Path) -> None:
    owner, segment, trend, count = rows(
        published,
        "select owner, segment, trend, count(*) from marts.fct_lead_scores inner join marts.dim_leads using (lead_id)"
        " where score_model = 'default' and not is_excluded and owner is not null group by all order by 4 desc, 1, 2, 3 limit 1",
    )[0]
    with on(browser, report) as seen:
        page = seen.page
        page.click(f".chips button[value={segment}]")
        page.select_option("select[name=owner]", owner)
        page.select_option("select[name=trend]", trend)
        expect(page.locator("#found")).to_contain_text(f"{count} of")
        # The address says what is shown, so that it can be sent to somebody.
        there = page.url.removeprefix(report.as_uri())
    with on(browser, report, there) as again:
        expect(again.page.locator("#found")).to_contain_text(f"{count} of")


def test_it_works_with_the_keyboard_alone(browser: Browser, report: Path) -> None:
    with on(browser, report) as seen:
        page = seen.page
        page.keyboard.press("/")
        page.keyboard.type("planted")
        expect(page.locator(ROWS)).to_have_count(1)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_be_focused()
        expect(page.locator("h1")).to_contain_text("Planted")
        page.keyboard.press("Escape")
        expect(page.locator("#rows a").first).to_be_focused()
        expect(page.locator("#search")).to_have_value("planted")
        # Out of the list by Tab: every control can be reached and shows that it is reached.
        page.keyboard.press("/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == "owner"
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_nobody_is_shut_out(browser: Browser, report: Path) -> None:
    with on(browser, report) as seen:
        seen.page.wait_for_selector("#chart-distribution svg")
        assert seen.violations() == []
        seen.page.click("#rows a >> nth=2")
        seen.page.wait_for_selector("#chart-waterfall svg")
        seen.page.evaluate("for (const closed of document.querySelectorAll('details')) closed.open = true")
        assert seen.violations() == []


def test_it_prints_and_fits_a_telephone(browser: Browser, report: Path) -> None:
    with watched(browser, width=390, height=800) as seen:
        seen.page.goto(report.as_uri())
        seen.page.wait_for_selector(READY, state="attached")
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
        seen.page.emulate_media(media="print")
        expect(seen.page.locator(".filters")).to_be_hidden()
        expect(seen.page.locator(ROWS).first).to_be_visible()
        seen.quiet()


def test_emails_are_masked_unless_asked_for(published: Publication, report: Path) -> None:
    held = json.dumps(payload(report), ensure_ascii=False)
    assert "@" in held
    assert OTHER_EMAIL.findall(held) == []
    asked = payload(written(published, "--with-emails", name="with_emails.html"))
    emails = {email for (email,) in rows(published, "select email from marts.dim_leads")}
    assert set(asked["leads"]["email"]) <= emails | {None}
    assert len(set(asked["leads"]["email"])) > 1000


def test_what_does_not_fit_is_said(browser: Browser, published: Publication) -> None:
    short = published.folder.parent / "short.html"
    done = published.cli("report", "--output", str(short), "--most-leads", "25")
    assert done.returncode == 0
    assert "leads of lower rank are not in it" in done.stderr
    with on(browser, short) as seen:
        assert seen.page.locator(ROWS).count() == 25
        expect(seen.page.locator("#notice")).to_contain_text("are not in this file")
    refused = published.cli("report", "--most-leads", "50001")
    assert refused.returncode == 2
    assert "50000" in refused.stderr
    nowhere = published.cli("report", "--output", "no/such/folder/report.html")
    assert nowhere.returncode == 1
    assert "cannot be written" in nowhere.stderr


def test_a_link_to_nobody_says_so(browser: Browser, report: Path) -> None:
    with on(browser, report, "#lead=ffffffffffffffffffffffffffffffff") as seen:
        expect(seen.page.locator("h1")).to_have_text("Not in this report")


def test_few_leads_and_no_outcomes_are_no_evidence(browser: Browser, published: Publication, tmp_path: Path) -> None:
    copy = Publication(published.project, tmp_path / "published")
    shutil.copytree(published.folder, copy.folder, symlinks=True)
    copy.execute("update marts.rpt_model_performance set has_enough_leads = false where band = 'warm'")
    with on(browser, written(copy)) as seen:
        grey = seen.page.locator("p.grey")
        expect(grey).to_have_count(1)
        expect(grey).to_contain_text("Too few to rely on")
    copy.execute("update marts.rpt_model_performance set conversions = 0")
    with on(browser, written(copy)) as seen:
        expect(seen.page.locator("p.grey").first).to_contain_text("Assumption, not yet checked")


def test_before_the_first_publication_it_says_what_to_do(tmp_path: Path, demo: Copy) -> None:
    done = demo.cli("report", "--output", str(tmp_path / "report.html"), LEAD_SCORING_PUBLISHED=str(tmp_path / "nothing"))
    assert done.returncode == 1
    assert "Nothing is published yet" in done.stderr
    assert not (tmp_path / "report.html").exists()


def test_the_same_data_gives_the_same_file(published: Publication, report: Path) -> None:
    assert written(published, name="again.html").read_bytes() == report.read_bytes()
