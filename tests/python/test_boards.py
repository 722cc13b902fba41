"""The boards say what the marts say: in their files, and in a browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from browsing import Watched, opened_browser, watched
from conftest import REPOSITORY, Copy, clean_environment
from lead_scoring import publishing
from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from benchmarks.boards import BOARDS, QUIET, REFERENCE, compiled, measure, parse, read_board, repeat, served

CHARTS = REPOSITORY / "charts"
TOOLS = REPOSITORY / ".tools" / "boards"
LOCK = REPOSITORY / "requirements-boards.txt"
NO_TOOLS = "NO BOARD WAS DRAWN: .tools/boards cannot be installed here"

PUBLISHED_BESIDE = "create schema publication; create table publication.run (version varchar, run_id varchar, as_of_date date, grid_version varchar, published_at timestamp)"
FAULTS_OF_DCT = ("html-has-lang",)
"""What axe-core finds on every page of dct 0.10.0, whatever is on it."""
CUT_OFF = """() => [...document.querySelectorAll('svg text')].filter(words => {
    let edge = Infinity
    for (let drawing = words.ownerSVGElement; drawing; drawing = drawing.ownerSVGElement)
        edge = Math.min(edge, drawing.getBoundingClientRect().right)
    return words.getBoundingClientRect().right > edge + 1
}).map(words => words.textContent)"""
"""Words that reach beyond the right edge of what they are drawn in: there, but not to be seen."""
ONE_COLUMN = ("x", "y", "y_start", "color", "size", "value")

PLANTED = {"first_name": "Zoë", "last_name": "Quastel", "company": "Möbius & Sons", "email": "zoe.quastel@moebius.example"}


# What stands in the files.


board = cache(read_board)


@cache
def published_columns() -> dict[str, list[tuple[str, str]]]:
    """Every mart with its columns and their types, as its YAML declares them."""
    found = {}
    for folder in ("marts", "activation"):
        for path in (REPOSITORY / "models" / folder).glob("_*.yml"):
            for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
                found[model["name"]] = [(column["name"], column["data_type"]) for column in model["columns"]]
    return found


@pytest.fixture(scope="module")
def empty_marts() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the published columns and no row."""
    with duckdb.connect() as connection:
        connection.execute(f"create schema marts; {PUBLISHED_BESIDE}")
        for name, columns in published_columns().items():
            declared = ", ".join(f'"{column}" {"varchar" if kind == "string" else kind}' for column, kind in columns)
            connection.execute(f"create table marts.{name} ({declared})")
        yield connection


def named_columns(chart: dict[str, Any]) -> set[str]:
    """The columns of its query that a chart names."""
    told = {chart.get(key) for key in ONE_COLUMN} | {chart.get("sort", {}).get("by"), chart.get("support", {}).get("value")}
    told |= {layer["y"] for layer in chart.get("layers", [])} | {chart.get("multiples", {}).get("columns")}
    told |= set(chart.get("style", {}).get("columns", {})) | set(chart.get("conditional_formatting", {}))
    return {one for one in told if one}


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_asks_only_for_what_is_published(name: str, empty_marts: duckdb.DuckDBPyConnection) -> None:
    """Every query runs on the declared columns, names only marts, and gives what its charts draw."""
    read = board(name)
    given = {}
    for query, sql in read["queries"].items():
        assert set(REFERENCE.findall(sql)) <= set(published_columns()), query
        assert not re.search(r"\b(?:from|join)\s+(?:marts|intermediate|staging|quarantine|seeds)\.", sql), query
        given[query] = {column[0] for column in empty_marts.execute(compiled(read, query)).description}
    for label, chart in read["charts"].items():
        if "query" in chart:
            assert named_columns(chart) <= given[chart["query"]], label
    for label, variable in read.get("variables", {}).items():
        if "query" in variable.get("options", {}):
            assert variable["options"]["column"] in given[variable["options"]["query"]], label


def test_the_boards_lead_to_each_other() -> None:
    for name in BOARDS:
        assert set(re.findall(r"\]\(/(\w+)/\)", board(name)["text"])) == set(BOARDS) - {name}


def test_the_lock_has_hashes_and_no_address() -> None:
    locked = LOCK.read_text(encoding="utf-8")
    assert "://" not in locked
    for package in re.findall(r"^[\w.-]+==.*$", locked, flags=re.MULTILINE):
        assert package.endswith("\\"), package
    for kept in ("dbt-charts==0.10.0", "dbt-core==1.11.16", "dbt-duckdb==1.11.1", "duckdb==1.5.5"):
        assert f"\n{kept} " in locked


# What is drawn.


@pytest.fixture(scope="module")
def tools() -> Path:
    """The programs of the boards' own environment; it is set up where it is missing, as `make dashboard` does."""
    programs = TOOLS / "bin"
    if not (programs / "dct").exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", TOOLS], check=True, capture_output=True, timeout=120)
            subprocess.run(
                [programs / "python", "-m", "pip", "install", "--quiet", "--no-input", "--require-hashes", "-r", LOCK],
                check=True,
                capture_output=True,
                timeout=900,
            )
        except (subprocess.SubprocessError, OSError) as error:
            shutil.rmtree(TOOLS, ignore_errors=True)
            pytest.skip(f"{NO_TOOLS}: {error}")
        (TOOLS / "installed").touch()
    return programs


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, demo: Copy, tools: Path) -> Copy:
    """A copy of the built demo with the boards, and the manifest that they need."""
    folder = tmp_path_factory.mktemp("boards") / "project"
    shutil.copytree(demo.folder, folder, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", "raw", "target"))
    shutil.copytree(CHARTS, folder / "charts")
    for name in ("dbt_charts.yml", "profiles.yml"):
        shutil.copy(REPOSITORY / name, folder / name)
    parse(folder, tools, clean_environment())
    return Copy(folder)


def run(*command: str | Path, folder: Path) -> str:
    """What a program of the boards says; raises AssertionError with all of it when it fails."""
    done = subprocess.run(command, cwd=folder, env=clean_environment(QUIET), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def address(project: Copy, tools: Path) -> Iterator[str]:
    """Where the boards are served, as `make dashboard` serves them."""
    with served(project.folder, tools, clean_environment()) as at:
        yield at


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as opened:
        yield opened


@pytest.fixture
def seen(browser: Browser) -> Iterator[Watched]:
    """A page. dct has no icon and says 404 when a browser asks for one; that is no fault of a board."""
    with watched(browser) as page:
        page.page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        yield page
        page.quiet()


def visit(page: Watched, url: str) -> str:
    """The words of a page, which comes drawn; none of its charts failed. It is never idle: it waits for changes of files.

    dct reloads open pages by itself when files change, as they do when a version is published. What runs into that is asked once more.
    """
    answer = None
    for _ in range(5):
        with suppress(PlaywrightError):
            answer = page.page.goto(url, wait_until="load", timeout=60_000)
        if answer is not None:
            break
        page.page.wait_for_timeout(1_000)
    assert answer is not None, f"{url} was never loaded"
    assert answer.status == 200
    words = page.page.inner_text("body")
    assert "ERR-" not in words
    return words


def ask(project: Copy, sql: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
    """Rows of what is published in the copy."""
    with publishing.connect(publishing.published_folder(project.database)) as connection:
        return connection.execute(sql, values or []).fetchall()


def bars(page: Watched) -> list[str]:
    """What the marks of a page say to who cannot see them."""
    found = [mark.get_attribute("aria-label") or "" for mark in page.page.query_selector_all("path[aria-label]")]
    return [re.sub("[\u2060-\u2064\u200b-\u200f]", "", label) for label in found]


def number(text: str) -> Decimal:
    return Decimal(text.replace("−", "-").replace("+", "").replace(",", ""))


def test_dct_finds_no_fault(project: Copy, tools: Path) -> None:
    """Neither in the files nor, by DESCRIBE, against the published file."""
    told = json.loads(run(tools / "dct", "validate", "charts/", "--warehouse", "--json", folder=project.folder))
    assert "ERR-" not in json.dumps(told)


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_is_drawn(name: str, address: str, seen: Watched) -> None:
    """Without an error, without asking anybody outside of this machine, and without what keeps people from reading it."""
    assert str(board(name)["title"]) in visit(seen, f"{address}/{name}/")
    assert seen.page.evaluate(CUT_OFF) == []
    assert [found for found in seen.violations() if found["rule"] not in FAULTS_OF_DCT] == []


def test_the_overview_counts_what_the_marts_hold(address: str, seen: Watched, project: Copy) -> None:
    words = visit(seen, f"{address}/overview/").splitlines()
    drawn = bars(seen)
    counted = ask(
        project,
        """select segments.label, count(scores.lead_id), segments.temperature = 'hot'
        from marts.dim_segments as segments left join marts.fct_lead_scores as scores using (score_model, segment)
        where segments.is_default group by all""",
    )
    for label, leads, _ in counted:
        assert f"{label}; leads: {leads:,}" in drawn
    for label, figure in (
        ("Leads", sum(leads for _, leads, _ in counted)),
        ("Hot leads", sum(leads for _, leads, hot in counted if hot)),
        ("Rising", ask(project, "select count(*) from marts.fct_lead_scores where trend = 'rising'")[0][0]),
    ):
        assert words[words.index(label) - 1] == f"{figure:,}"


def ledger_drawn(page: Watched) -> list[tuple[str, Decimal, Decimal]]:
    """The rows of the table under the bars: entry, where it ends, points."""
    words = page.page.inner_text("body").splitlines()
    first = words.index("The same in figures") + 4
    rows = []
    for at in range(first, len(words) - 2, 3):
        if not re.fullmatch(r"[+−][\d,]+\.\d\d", words[at + 2]):
            break
        rows.append((words[at], number(words[at + 1]), number(words[at + 2])))
    return rows


@pytest.mark.parametrize(
    "entry_type", ["rule", "group_combine", "group_bound", "subscore_bound", "score_bound", "manual", "cycle"]
)
def test_the_bars_of_the_ledger_add_up_to_the_score(entry_type: str, address: str, seen: Watched, project: Copy) -> None:
    """Every correction is among them: the bars of a lead with an entry of each type."""
    (lead, score, entries), *_ = ask(
        project,
        """select ledger.lead_id, any_value(scores.score_exact), count(*) filter (where ledger.points <> 0)
        from marts.fct_lead_score_contributions as ledger inner join marts.fct_lead_scores as scores using (lead_id, score_model)
        group by ledger.lead_id having bool_or(ledger.entry_type = ? and ledger.points <> 0) order by count(*) desc, ledger.lead_id limit 1""",
        [entry_type],
    )
    visit(seen, f"{address}/lead/?lead={lead}")
    *rows, last = ledger_drawn(seen)
    assert len(rows) == entries
    assert last[0] == "= Score"
    assert abs(sum(points for _, _, points in rows) - score) <= Decimal("0.005") * (entries + 1)
    assert abs(last[2] - score) <= Decimal("0.005")
    # A page that is drawn anew may hold a bar twice for a moment; where each begins and ends is in its label.
    drawn = {label for label in bars(seen) if re.search(r"; (?:gives|takes|score); ", label)}
    assert len(drawn) in (entries + 1, entries + (1 if score else 0))


def test_a_name_leads_to_the_lead(address: str, seen: Watched, project: Copy) -> None:
    """What it shows is what the marts hold."""
    visit(seen, f"{address}/today/")
    name, lead, score, sentence = ask(
        project,
        """select concat_ws(' ', leads.first_name, leads.last_name), lead_id, scores.score, reasons.sentence
        from marts.fct_lead_scores as scores inner join marts.dim_leads as leads using (lead_id)
        inner join marts.fct_lead_reasons as reasons using (lead_id, score_model)
        where reasons.reason_rank = 1 order by scores.score_rank limit 1""",
    )[0]
    seen.page.get_by_text(name, exact=True).first.click()
    seen.page.wait_for_url(f"**lead={lead}*")
    seen.page.wait_for_load_state("load")
    words = seen.page.inner_text("body").splitlines()
    assert words[words.index("Score") - 1] == str(score)
    assert sentence.split(",")[0] in " ".join(words)


def test_who_is_unknown_is_said_to_be(address: str, seen: Watched) -> None:
    words = visit(seen, f"{address}/lead/?lead=nobody@nowhere.example")
    assert "Nobody has this id or e-mail" in words
    assert "How the score adds up" not in words


def test_a_lead_is_found_by_its_address_and_the_best_without_one(address: str, seen: Watched, project: Copy) -> None:
    asked = "select email, lead_id from marts.fct_lead_scores inner join marts.dim_leads using (lead_id) where score_rank in (1, 40) order by score_rank"
    (best, _), (email, _) = ask(project, asked)
    assert best in visit(seen, f"{address}/lead/")
    words = visit(seen, f"{address}/lead/?lead=%20{email.upper()}%20")
    assert email in words
    assert best not in words


def test_the_filters_narrow_the_list(address: str, seen: Watched, project: Copy) -> None:
    owner, leads = ask(
        project,
        """select leads.owner, count(*) from marts.fct_lead_scores inner join marts.dim_leads as leads using (lead_id)
        inner join marts.dim_segments as segments using (score_model, segment)
        where segments.label = 'Qualified' and trend = 'rising' and leads.owner is not null group by 1 order by 2 desc, 1 limit 1""",
    )[0]
    words = visit(seen, f"{address}/today/?segment=Qualified&owner={owner}&trend=rising").splitlines()
    assert words.count(owner) in (leads, leads + 1)


def plant_and_publish(project: Copy) -> str:
    """The next version is put in place as a build does it, the same with one lead renamed; its name."""
    folder = publishing.published_folder(project.database)
    before = (folder / "current").resolve()
    after = before.with_name(f"{int(before.name[:6]) + 1:06}{before.name[6:]}")
    shutil.copytree(before, after)
    with duckdb.connect(after / "lead_scoring.duckdb") as connection:
        lead = connection.execute("select lead_id from marts.fct_lead_scores order by score_rank limit 1 offset 700").fetchone()
        assert lead is not None
        names = ", ".join(f"{column} = ?" for column in PLANTED)
        connection.execute(f"update marts.dim_leads set {names} where lead_id = ?", [*PLANTED.values(), lead[0]])
        connection.execute("update publication.run set version = ?", [after.name])
    publishing.point_to(folder, after)
    return after.name


def test_an_open_page_is_right_again_after_a_publication(address: str, browser: Browser, seen: Watched, project: Copy) -> None:
    """A reload shows the new version, and the search finds who came with it: by name, e-mail and company, however it is written."""
    title = f"{PLANTED['first_name']} {PLANTED['last_name']}"
    before = ask(project, "select version from publication.run")[0][0]
    assert before in visit(seen, f"{address}/health/")
    with watched(browser) as second:
        assert title not in visit(second, f"{address}/today/?search=quastel")
        plant_and_publish(project)
        assert title in visit(second, f"{address}/today/?search=quastel")
    visit(seen, f"{address}/health/")
    words = seen.page.inner_text("body")
    assert ask(project, "select version from publication.run")[0][0] in words
    assert before not in words
    for search in ("ZOË quas", "zoe.quastel%40", "m%C3%B6bius%20%26"):
        assert title in visit(seen, f"{address}/today/?search={search}")
    assert title not in visit(seen, f"{address}/today/?search=quastel'%20or%201=1")


def test_a_page_stays_open_through_20_versions(address: str, browser: Browser, seen: Watched, project: Copy) -> None:
    """A reload shows each; so does a page that is opened then."""
    visit(seen, f"{address}/health/")
    for _ in range(20):
        version = plant_and_publish(project)
        assert version in visit(seen, f"{address}/health/")
        with watched(browser) as another:
            assert version in visit(another, f"{address}/health/")


def test_the_search_takes_what_is_typed(address: str, seen: Watched, project: Copy) -> None:
    """The field is drawn; a real one lies over it while somebody types."""
    company = ask(project, "select company from marts.dim_leads where company is not null order by 1 limit 1")[0][0]
    visit(seen, f"{address}/today/")
    label = seen.page.get_by_text("Name, e-mail or company:").first.bounding_box()
    assert label is not None
    seen.page.mouse.click(label["x"] + label["width"] + 60, label["y"] + label["height"] / 2)
    seen.page.keyboard.type(company)
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url("**search=*")
    seen.page.wait_for_load_state("load")
    assert company in seen.page.inner_text("body")


def test_a_build_does_not_wait_for_an_open_board(address: str, seen: Watched, project: Copy) -> None:
    """The boards hold the published file alone: the database of the builds opens for writing while a board is asked."""
    visit(seen, f"{address}/overview/")
    with duckdb.connect(project.database) as writer:
        writer.execute("create or replace temp table nothing as select 1")
    assert os.access(project.database, os.W_OK)


def test_the_benchmark_repeats_leads(tmp_path: Path, project: Copy) -> None:
    """Every copy of a lead has all that the lead has and a place of its own; what is drawn of them is timed."""
    published = publishing.published_folder(project.database) / "current" / publishing.DATABASE
    leads, ledger = ask(project, "select count(distinct lead_id), count(*) from marts.fct_lead_score_contributions")[0]
    there = ask(project, "select count(*) from marts.dim_leads")[0][0]
    target = tmp_path / publishing.DATABASE
    assert repeat(published, target, there * 2 + 1) == there * 3
    with duckdb.connect(str(target), read_only=True) as connection:
        repeated = "select count(distinct lead_id), count(*) from marts.fct_lead_score_contributions"
        assert connection.execute(repeated).fetchall() == [(leads * 3, ledger * 3)]
        ranks = "select count(*), count(distinct score_rank) from marts.fct_lead_scores where not is_excluded"
        ranked, places = connection.execute(ranks).fetchall()[0]
        assert ranked == places > 0
        assert connection.execute("select count(email) - count(distinct email) from marts.dim_leads").fetchall() == [(0,)]


def test_the_benchmark_opens_every_board(address: str, seen: Watched, project: Copy) -> None:
    found = measure(seen.page, address, publishing.published_folder(project.database) / "current" / publishing.DATABASE, rounds=1)
    assert set(found) == set(BOARDS)
    assert all(min(seconds) > 0 for rounds in found.values() for seconds in rounds)
