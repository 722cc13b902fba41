"""How long a board takes to open, beside its bare queries: on what is published, repeated until there are as many leads as are asked for.

    python -m benchmarks.boards --leads 1000000 --rounds 5

A lead that is repeated keeps all it has; each copy has an id, an e-mail address and a rank of its own, and the rows are in the order in
which a build publishes them. The boards are served as `make dashboard` serves them and opened in Chromium; a page counts as open when
everything on it is drawn. The bare queries are those of the board, one after the other, on a connection of its own to the same file,
their rows fetched.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

import duckdb
import typer
import yaml

from benchmarks.run import REPOSITORY, machine

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHARTS = REPOSITORY / "charts"
TOOLS = REPOSITORY / ".tools" / "boards" / "bin"
BOARDS = sorted(path.stem for path in CHARTS.glob("*.yml") if path.stem != "meta")
QUIET = {"DO_NOT_TRACK": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_PROFILES_DIR": "."}
SECONDS_TO_START = 120

REFERENCE = re.compile(r"\{\{\s*ref\('(\w+)'\)\s*\}\}")
COMPOSED = re.compile(r"\{\{\s*queries\.(\w+)\s*\}\}")
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def read_board(name: str) -> dict[str, Any]:
    """The YAML of a board."""
    read: dict[str, Any] = yaml.safe_load((CHARTS / f"{name}.yml").read_text(encoding="utf-8"))
    return read


def compiled(board: Mapping[str, Any], query: str, values: Mapping[str, str] | None = None) -> str:
    """A query of a board as the engine gets it, with the defaults of its variables where nothing else is given."""

    def literal(name: str) -> str:
        value = str((values or {}).get(name, board["variables"][name]["default"]))
        return "'" + value.replace("'", "''") + "'"

    sql: str = board["queries"][query]
    sql = COMPOSED.sub(lambda found: f"({compiled(board, found[1], values)}) as {found[1]}", sql)
    return VARIABLE.sub(lambda found: literal(found[1]), REFERENCE.sub(r"marts.\1", sql))


def repeat(published: Path, target: Path, leads: int) -> int:
    """Copy a published file to ``target`` and repeat its leads until there are at least ``leads``; their number."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(published, target)
    target.chmod(0o644)
    with duckdb.connect(str(target)) as connection:
        connection.execute("set preserve_insertion_order = false; set memory_limit = '4GB'")
        there = count(connection, "marts.dim_leads")
        times = -(-leads // there)
        columns: dict[str, set[str]] = {}
        for table, column in connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'marts' and not internal"
        ).fetchall():
            columns.setdefault(table, set()).add(column)
        for table in sorted(table for table, names in columns.items() if "lead_id" in names):
            replaced = ["md5(concat(lead_id, '#', copy)) as lead_id"]
            if "score_rank" in columns[table]:
                replaced.append(f"score_rank + copy * {there} as score_rank")
            if "email" in columns[table]:
                replaced.append("copy || '.' || email as email")
            # Numbered from 0: the first copy, too, gets an id of its own. The order is that of what is published.
            connection.execute(
                f'create or replace table marts."{table}" as select * exclude (copy) replace ({", ".join(replaced)}) '
                f'from marts."{table}", (select unnest(range({times})) as copy) order by lead_id'
            )
        return count(connection, "marts.dim_leads")


def count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """The rows of a table."""
    return int(connection.execute(f"select count(*) from {table}").fetchall()[0][0])


@contextmanager
def served(project: Path, tools: Path = TOOLS, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address at which the boards of a project are served, as `make dashboard` serves them.

    Raises RuntimeError with what `dct` says when it ends, or does not answer within two minutes.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    log = project / "target" / "boards" / "serve.log"
    command = [str(tools / "dct"), "serve", "--host", "127.0.0.1", "--port", address.rpartition(":")[2], "--no-cache"]
    environment = {**(environment or os.environ), **QUIET}
    with log.open("wb") as said:
        server = subprocess.Popen(command, cwd=project, env=environment, stdout=said, stderr=subprocess.STDOUT)
        try:
            until = time.monotonic() + SECONDS_TO_START
            while not answers(f"{address}/health/"):
                if server.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"the boards are not served:\n{log.read_text(encoding='utf-8', errors='replace')}")
                time.sleep(0.3)
            yield address
        finally:
            server.terminate()
            server.wait(30)


def answers(url: str) -> bool:
    """Whether anybody answers."""
    try:
        urllib.request.urlopen(url, timeout=SECONDS_TO_START).close()
    except OSError:
        return False
    return True


def parse(project: Path, tools: Path = TOOLS, environment: Mapping[str, str] | None = None) -> None:
    """Write the manifest that tells the boards what `ref()` means. Raises CalledProcessError."""
    subprocess.run(
        [tools / "dbt", "--quiet", "parse", "--target", "published", "--target-path", "target/boards"],
        cwd=project,
        env={**(environment or os.environ), **QUIET},
        check=True,
    )


def seconds_of_queries(database: Path, name: str, values: Mapping[str, str]) -> float:
    """How long the queries of a board take without the board."""
    board = read_board(name)
    began = time.perf_counter()
    with duckdb.connect(str(database), read_only=True) as connection:
        for query in asked_by(board):
            connection.execute(compiled(board, query, values)).fetchall()
    return time.perf_counter() - began


def asked_by(board: Mapping[str, Any]) -> list[str]:
    """The queries that a board asks: of its charts, and of its choices."""
    choices = [variable["options"] for variable in board.get("variables", {}).values() if "options" in variable]
    return sorted({one["query"] for one in [*board["charts"].values(), *choices] if "query" in one})


def measure(page: Page, address: str, database: Path, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """For each board the seconds until it is open and those of its queries, once a round. Raises RuntimeError when a board shows an error."""
    with duckdb.connect(str(database), read_only=True) as connection:
        # The one of whom there is most to tell.
        (lead,) = connection.execute(
            "select lead_id from marts.fct_lead_score_contributions group by lead_id order by count(*) desc, lead_id limit 1"
        ).fetchall()[0]
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in BOARDS}
    # The first page of all starts what every later one finds running.
    page.goto(f"{address}/health/", wait_until="load", timeout=120_000)
    for _ in range(rounds):
        for name in BOARDS:
            values = {"lead": str(lead)} if name == "lead" else {}
            began = time.perf_counter()
            page.goto(f"{address}/{name}/?{urlencode(values)}", wait_until="load", timeout=120_000)
            opened = time.perf_counter() - began
            if "ERR-" in page.inner_text("body"):
                raise RuntimeError(f"the board {name} shows an error")
            found[name].append((opened, seconds_of_queries(database, name, values)))
    return found


def table(found: Mapping[str, Sequence[tuple[float, float]]]) -> Iterator[str]:
    """The Markdown rows: medians, with the least and the most."""
    yield "| board | opens after, seconds | least to most | its queries alone, seconds | queries |"
    yield "|---|--:|--:|--:|--:|"
    for name, rounds in found.items():
        opened = [page for page, _ in rounds]
        queries = asked_by(read_board(name))
        bare = median(seconds for _, seconds in rounds)
        yield f"| `{name}` | {median(opened):.2f} | {min(opened):.2f} to {max(opened):.2f} | {bare:.2f} | {len(queries)} |"


def main(
    leads: Annotated[int, typer.Option(min=1, help="How many leads there are to be, at least.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often each board is opened.")] = 5,
    published: Annotated[Path, typer.Option(help="The published file whose leads are repeated.")] = (
        REPOSITORY / "lead_scoring_published" / "current" / "lead_scoring.duckdb"
    ),
    folder: Annotated[Path, typer.Option(help="Where the large file goes.")] = REPOSITORY / "target" / "benchmarks" / "boards",
) -> None:
    """Repeat the published leads, serve the boards on them, and time every page and its queries."""
    if not published.exists():
        raise typer.BadParameter(f"{published} is not there: `make demo` publishes the sample")
    if not (TOOLS / "dct").exists():
        raise typer.BadParameter(f"{TOOLS / 'dct'} is not there: `make bench-boards` installs it")
    # The browser of the tests; whoever measures nothing does without it.
    sys.path.insert(0, str(REPOSITORY / "tests" / "python"))
    from browsing import opened_browser, watched  # type: ignore[import-not-found]

    # The manifest that is parsed names the database after the file.
    database = folder.absolute() / "lead_scoring.duckdb"
    database.unlink(missing_ok=True)
    there = repeat(published, database, leads)
    environment = {**os.environ, "LEAD_SCORING_BOARDS_DB": os.path.relpath(database, REPOSITORY)}
    parse(REPOSITORY, environment=environment)
    with served(REPOSITORY, environment=environment) as address, opened_browser() as browser, watched(browser) as seen:
        found = measure(seen.page, address, database, rounds)
    print(f"{date.today()}; {machine()}; {there:,} leads, {database.stat().st_size / 1e9:.1f} GB\n")
    print("\n".join(table(found)))


if __name__ == "__main__":
    typer.run(main)
