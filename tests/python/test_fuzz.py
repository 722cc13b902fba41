"""Hostile input for a set time: the files of the seeds, the cells of the grid, the texts and files of events, the command line.

Nothing here may end in a crash. A seed has its faults told; a row of events is accepted or quarantined; a command ends with a message and its exit code.
Where plain Python can read a value as well, both must read the same. LEAD_SCORING_FUZZ_SECONDS says how long all targets together try cases, after what they
need is compiled once; pytest's summary says how many cases each of them tried.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import string
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import new_source
import oracle
import pytest
import use_preset
import yaml
from building import MANIFESTS, Project, environment
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from lead_scoring import building, cli, dbt, explain, presets, restating, scaffold, seeds
from test_seed_faults import COLUMNS, SEEDS, Configuration, Row, Tables, _shipped
from typer.testing import CliRunner

SECONDS = float(os.environ.get("LEAD_SCORING_FUZZ_SECONDS", "45"))
TARGETS = (
    "seed files",
    "cells of the seeds",
    "contradictions of the seeds",
    "texts of events",
    "CSV files of events",
    "JSON files of events",
    "options of a build",
    "names for explain and show",
    "new sources and presets",
)
"""What is fuzzed; the time is divided among them."""

CASES_PER_ROUND = 25

Fuzz = Callable[[str, st.SearchStrategy[Any], Callable[[Any], None]], None]


@pytest.fixture
def fuzz(record_property: Callable[[str, object], None]) -> Fuzz:
    """Tries cases of a strategy until the target's time is over. Rounds are numbered, and a number always gives the same cases: what failed once fails again."""

    def run(target: str, strategy: st.SearchStrategy[Any], check: Callable[[Any], None]) -> None:
        assert target in TARGETS
        started, tried, number = time.monotonic(), 0, 0
        while not number or time.monotonic() - started < SECONDS / len(TARGETS):

            @seed(number)
            @settings(
                max_examples=CASES_PER_ROUND,
                deadline=None,
                database=None,
                derandomize=False,
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
            )
            @given(strategy)
            def attempt(case: Any) -> None:
                nonlocal tried
                tried += 1
                check(case)

            attempt()
            number += 1
        record_property("tried", f"{target}: {tried} cases in {time.monotonic() - started:.0f} s, none fails")

    return run


# --------------------------------------------------------------------------------------------------------------------
# Hostile text
# --------------------------------------------------------------------------------------------------------------------

CHARACTERS = st.characters(codec="utf-8", exclude_characters="\0")
NASTY = (
    *("", " ", "\t", "\u00a0", "\ufeff", "\u200b", "\u2028", "\x1f", "\x85", "'", '"', '""', ",", ";", "\\", "%", "_", "|", "$", "{{ 1 }}", "--", "/*"),
    *("0", "-0", "+1", "1e5", "1e400", "-1e-400", "0x10", "1_000", "1,5", ".5", "5.", ".", "NaN", "inf", "12.5000", "0.00005", "999999.9999", "1000000", "9" * 40),
    *("2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1.0", "1.", "1" * 400, "٣", "１"),
    *("2026-01-01", "2026-02-30", "0000-00-00", "9999-12-31", "2026-1-1", "2026-01-01T25:00:00Z", "1767225600", "infinity", "epoch", "today", "294247-01-10"),
    *("(", "[", "a{99999}", "(?<x>a)", "\\", "(a+)+$", "*", "null", "true", "t", "no", "properties.", "properties.A b", "PROPERTIES.x", "İ", "Σ", "ß", "\U0001f600", "\u0301"),
    *("=1+1", "@", "a@b", "aΣ@b", "İ@b", "e\u0301@b", "a@b@c", "a|b", "|", "||", "x" * 3000),
)  # fmt: skip
hostile = st.one_of(
    st.sampled_from(NASTY), st.text(CHARACTERS, max_size=8), st.lists(st.sampled_from(NASTY), max_size=4).map("".join)
)


# --------------------------------------------------------------------------------------------------------------------
# The grid: files
# --------------------------------------------------------------------------------------------------------------------

SHIPPED = {name: path.read_bytes() for name in COLUMNS if (path := seeds.find(SEEDS, f"{name}.csv")) is not None}
SMALL = (
    "free_email_domains",
    "subscore_bounds",
    "rule_groups",
    "next_actions",
    "score_models",
    "segments",
    "point_grid_conditions",
)
PIECES = (
    *(b"a", b"1", b",", b",", b",", b"\n", b"\n", b"\r\n", b"\r", b'"', b'""', b" ", b"\t", b"'", b"\\", b"#", b"\0", b"\xff", b"\xc3", b"\xc3\xa9", b"\xef\xbb\xbf"),
    *(b"\xe2\x80\xa8", b"\x85", b"\x0b", b"\x0c", b"\x1c", b"\x1f", b"x" * 140_000, b"\xff\xfe", b' "', b' "x,y"', b"default", b"sNaN", b"\n\n\n"),
)  # fmt: skip


@dataclass(frozen=True)
class SeedFile:
    """A seed and the bytes that stand in its file."""

    seed: str
    content: bytes


@st.composite
def seed_files(draw: st.DrawFn) -> SeedFile:
    """A shipped seed with pieces put in, taken out and put in another's place; or its header with any pieces after it; or any bytes."""
    name = draw(st.sampled_from(SMALL))
    shipped = SHIPPED[name]
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return SeedFile(name, draw(st.binary(max_size=60)))
    if kind < 6:
        end = draw(st.sampled_from((b"\n", b"\r\n", b"\r", b"")))
        width = len(COLUMNS[name])
        rows = draw(st.lists(st.lists(st.sampled_from(PIECES), max_size=4).map(b"".join), max_size=3))
        lines = [row + b"," * max(0, width - 1 - row.count(b",")) if draw(st.booleans()) else row for row in rows]
        return SeedFile(name, end.join([",".join(COLUMNS[name]).encode(), *lines, draw(st.sampled_from((b"",) * 90 + PIECES))]))
    content = shipped.replace(b"\n", b"\r\n") if draw(st.booleans()) else shipped
    for _ in range(draw(st.integers(1, 3))):
        begins = draw(st.integers(0, len(content)))
        ends = begins + draw(st.sampled_from((0, 0, 1, 2, 30)))
        content = content[:begins] + draw(st.sampled_from(PIECES)) + content[ends:]
    return SeedFile(name, content)


def test_any_file_of_a_seed_has_faults_told_or_loads_as_it_was_read(fuzz: Fuzz, tmp_path: Path) -> None:
    """Never an exception; and what is told to be in order the database loads, cell by cell as Python's reader reads it."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    contracts = {}
    for name in SMALL:
        contracts[name] = tmp_path / f"{name}.yml"
        contracts[name].write_text(
            yaml.safe_dump({"seeds": [{"name": name, "columns": [{"name": one} for one in COLUMNS[name]]}]})
        )
    database = duckdb.connect(config={"threads": 1})

    def check(case: SeedFile) -> None:
        path = folder / f"{case.seed}.csv"
        path.write_bytes(case.content)
        try:
            told = seeds.check_files(folder, contracts[case.seed])
            where = {"file": path.name, "score_model": "default", "rule_id": "sNaN", "row_key": "segment=a, b=1", "reason": "x"}
            line = seeds.located(where, folder).line
            assert line is None or 1 <= line <= case.content.count(b"\n") + case.content.count(b"\r") + 1
            assert all(str(fault).startswith(path.name) and fault.reason for fault in told)
            if told:
                return
            added = dict.fromkeys(COLUMNS[case.seed], 'a "b",\nc')
            text = case.content.decode("utf-8-sig")
            read = [[cell.strip(" ") for cell in row] for row in csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)]
            assert loaded(database, path, case.seed) == [row for row in read if any(row)][1:]
            path.write_bytes(seeds.appended(path, [added]).encode())
            assert seeds.check_files(folder, contracts[case.seed]) == [], "a row was added"
        finally:
            path.unlink()

    fuzz("seed files", seed_files(), check)


def loaded(database: duckdb.DuckDBPyConnection, path: Path, name: str) -> list[list[str]]:
    """The cells that the database loads out of a seed's file, in the way of macros/engine/seed_rows.sql."""
    database.execute(f"create or replace table seed ({', '.join(f'{column} varchar' for column in COLUMNS[name])})")
    macro = (SEEDS.parent / "macros" / "engine" / "seed_rows.sql").read_text(encoding="utf-8")
    options = re.sub(r"\{\{.*\}\}", ",", macro[macro.index("(format csv") : macro.index("{%- endset")])
    database.execute(f"copy seed from '{path}' {options}")
    rows = [[(cell or "").strip(" ") for cell in row] for row in database.execute("select * from seed").fetchall()]
    return [row for row in rows if any(row)]


# --------------------------------------------------------------------------------------------------------------------
# The grid and the events: SQL, compiled once
# --------------------------------------------------------------------------------------------------------------------

VARIABLES = {"as_of_date": "2026-03-10", "lead_scoring_sources": ["generic"]}

EXPRESSIONS = {
    "integer": "lead_scoring.text_to_integer('text')",
    "small_integer": "lead_scoring.text_to_integer('text', 'int')",
    "double": "lead_scoring.text_to_double('text')",
    "decimal": "lead_scoring.text_to_decimal('text', 18, 4)",
    "boolean": "lead_scoring.text_to_boolean('text')",
    "date": "lead_scoring.text_to_date('text')",
    "moment": "lead_scoring.text_to_timestamp('text')",
    "email": "lead_scoring.normalised_email('text')",
    "comparable": "lead_scoring.comparable('text')",
    "is_regex": "lead_scoring.is_regex('text')",
    "elements": "lead_scoring.json_elements('text')",
}


@dataclass
class Compiled:
    """What dbt made of the project: the nodes by name, the expressions, and its own adapter with what macros are called in."""

    project: Project
    nodes: dict[str, dict[str, Any]]
    expressions: str
    manifest: Any
    adapter: Any


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The configuration models, the models that read events, and the expressions."""
    from dbt.adapters.factory import FACTORY

    project = Project(tmp_path_factory.mktemp("fuzz") / "project")
    project.database = project.folder / "seed_faults.duckdb"
    raw = project.folder / "raw"
    raw.mkdir()
    columns = ", ".join(f"{{{{ {expression} }}}} as {name}" for name, expression in EXPRESSIONS.items())
    (project.folder / "models" / "fuzzed_expressions.sql").write_text(f"select {columns} from inputs")
    select = ("path:models/staging/config", "+int_events_read", "fuzzed_expressions")
    outcome = project.dbt("compile", "--select", *select, raw=raw, variables=VARIABLES)
    assert outcome.success, outcome.exception
    nodes = {result.node.name: result.node.to_dict() for result in outcome.result.results}
    manifest = next(reversed(MANIFESTS.values()))
    return Compiled(project, nodes, nodes["fuzzed_expressions"]["compiled_code"], manifest, FACTORY.adapters["duckdb"])


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory, which plans as little as possible: the tables have a few rows."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("pragma disable_optimizer")
        yield connection


PLAIN_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+(\.0*)?")


def whole(text: str, bits: int) -> int | None:
    """A whole number in plain digits, perhaps with a point and zeros, that fits."""
    if not WHOLE_NUMBER.fullmatch(text):
        return None
    number = int(Decimal(text))
    return number if -(2 ** (bits - 1)) <= number < 2 ** (bits - 1) else None


def double(text: str) -> float | None:
    """A finite number, plainly written."""
    if not PLAIN_NUMBER.fullmatch(text):
        return None
    return number if abs(number := float(text)) < 1e300 else None


def in_four_places(text: str) -> Decimal | None:
    """A number that needs at most four places and has at most six digits before the point."""
    if not PLAIN_NUMBER.fullmatch(text) or "e" in text.lower():
        return None
    with oracle.localcontext(oracle.EXACT) as context:
        context.prec = 6000
        number = Decimal(text)
        rounded = number.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return rounded if rounded == number and abs(number) < 10**6 else None


def truth(text: str) -> bool | None:
    """One of the ten words."""
    return {**dict.fromkeys(("true", "t", "yes", "y", "1"), True), **dict.fromkeys(("false", "f", "no", "n", "0"), False)}.get(
        oracle.lowered(text)
    )


def day(text: str) -> date | None:
    """A date of the calendar out of YYYY-MM-DD, its month and day perhaps of one digit; what follows a T or a space does not count."""
    parts = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})([T ].*)?", text)
    try:
        return parts and date(*map(int, parts.groups()[:3]))
    except ValueError:
        return None


MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?)?(?: ?([zZ]|UTC|[+-][0-9]{2}(?::?[0-9]{2})?))?"
)


def moment(text: str) -> datetime | None:
    """An ISO time, brought to UTC; or seconds, milliseconds or microseconds since 1970."""
    since = datetime(1970, 1, 1)
    try:
        if re.fullmatch(r"[0-9]{9,10}(\.[0-9]+)?", text):
            return since + timedelta(microseconds=int((Decimal(text) * 10**6).to_integral_value(ROUND_HALF_UP)))
        if re.fullmatch(r"[0-9]{12,13}", text):
            return since + timedelta(milliseconds=int(text))
        if re.fullmatch(r"[0-9]{15,16}", text):
            return since + timedelta(microseconds=int(text))
        parts = MOMENT.fullmatch(text)
        if parts is None:
            return None
        year, month, day_, hour, minute, second, fraction, offset = parts.groups()
        if offset and hour is None:
            return None
        found = datetime(int(year), int(month), int(day_), int(hour or 0), int(minute or 0), int(second or 0))
        found += timedelta(microseconds=int(((fraction or "") + "000000")[:6]))
        if offset and offset[0] in "+-":
            minutes = int(offset[-2:]) if len(offset) > 3 else 0
            shift = timedelta(hours=int(offset[1:3]), minutes=minutes)
            # No clock on earth is further from UTC.
            if shift > timedelta(hours=14) or minutes > 59:
                return None
            found -= shift if offset[0] == "+" else -shift
        return found
    except (ValueError, OverflowError):
        return None


KINDS: dict[str, Callable[[str], object]] = {
    "text": lambda cell: cell,
    "word": oracle.lowered,
    "field": lambda cell: "properties." + cell[11:] if oracle.lowered(cell).startswith("properties.") else oracle.lowered(cell),
    "decimal": in_four_places,
    "int": lambda cell: whole(cell, 32),
    "date": lambda cell: day(cell) if re.fullmatch(".{4}-..-..", cell) else None,
    "boolean": truth,
}
"""What a trimmed cell of each kind (macros/config/config_cells.sql) means in plain Python; None where it cannot be read."""


def kinds_of(name: str) -> dict[str, str]:
    """The kinds of a seed's columns, as its staging model names them."""
    model = (SEEDS.parent / "models" / "staging" / "config" / f"stg_config__{name}.sql").read_text(encoding="utf-8")
    return dict(re.findall(r"^    '(\w+)': '(\w+)", model, re.MULTILINE))


STAGED = tuple(name for name in COLUMNS if (SEEDS.parent / f"models/staging/config/stg_config__{name}.sql").exists())
numbers = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.from_regex(r"\A[+-]?[0-9]{0,7}\.?[0-9]{0,6}([eE][+-]?[0-9]{0,3})?\Z", alphabet=string.printable),
    st.integers().map(str),
)
times = st.one_of(
    st.from_regex(MOMENT, fullmatch=True, alphabet=string.printable),
    st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(str),
    st.builds(
        lambda at, between, offset: at.isoformat() + between + offset,
        st.datetimes(),
        st.sampled_from(("", " ")),
        st.sampled_from(("Z", "UTC", "+00", "-1130", "+14:00", "+15:59", "-16:00", "+99:99", "utc", "CET")),
    ),
    st.from_regex(r"\A[0-9]{8,17}(\.[0-9]{0,40})?\Z", alphabet=string.printable),
    st.dates().map(str),
)
json_texts = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | hostile, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(hostile, inner, max_size=3)
).flatmap(
    lambda value: st.sampled_from((json.dumps(value), json.dumps(value, ensure_ascii=False), json.dumps(value)[:-1], json.dumps([[value]])))
)  # fmt: skip
texts = st.one_of(hostile, hostile, numbers, times, json_texts, st.sampled_from(("Yes", "T", "FALSE", "0", "n", "tRue")))


@dataclass(frozen=True)
class SeedRows:
    """A seed and rows of cells."""

    seed: str
    rows: list[list[str]]


@st.composite
def seed_rows(draw: st.DrawFn) -> SeedRows:
    """A seed with up to twenty rows of anything."""
    name = draw(st.sampled_from(STAGED))
    width = len(COLUMNS[name])
    return SeedRows(name, draw(st.lists(st.lists(texts, min_size=width, max_size=width), min_size=1, max_size=20)))


def test_any_cell_of_a_seed_is_read_as_python_reads_it_or_told(
    fuzz: Fuzz, compiled: Compiled, database: duckdb.DuckDBPyConnection
) -> None:
    """No row is lost, no error ends the build, and a cell that is not of its kind is named in the row's faults."""
    database.execute("attach ':memory:' as seed_faults; create schema seed_faults.seeds")

    def check(case: SeedRows) -> None:
        kinds, names = kinds_of(case.seed), COLUMNS[case.seed]
        database.execute(
            f"create or replace table seed_faults.seeds.{case.seed} ({', '.join(f'{name} varchar' for name in names)})"
        )
        database.executemany(f"insert into seed_faults.seeds.{case.seed} values ({', '.join('?' for _ in names)})", case.rows)
        cursor = database.execute(compiled.nodes[f"stg_config__{case.seed}"]["compiled_code"])
        described = [column[0] for column in cursor.description]
        found = [dict(zip(described, row, strict=True)) for row in cursor.fetchall()]
        trimmed = [[oracle.trimmed(cell) for cell in row] for row in case.rows]
        for row, cells in zip(found, [dict(zip(names, row, strict=True)) for row in trimmed if any(row)], strict=True):
            unreadable = []
            for name, kind in kinds.items():
                wanted = KINDS[kind](cells[name]) if cells[name] else None
                if wanted is not None:
                    assert row[name] == wanted, (name, cells[name])
                elif cells[name]:
                    unreadable.append(name)
                    assert f"{name}: " in (row["cell_faults"] or ""), (name, cells[name])
            assert (row["unreadable_columns"] or "") == ",".join(unreadable)

    fuzz("cells of the seeds", seed_rows(), check)


def test_any_text_of_an_event_is_read_as_python_reads_it_or_null(
    fuzz: Fuzz, compiled: Compiled, database: duckdb.DuckDBPyConnection
) -> None:
    """Numbers, times, truth, e-mails, patterns and JSON: never an error, and nothing guessed."""

    def check(case: list[str]) -> None:
        query = f"with inputs as (select unnest($texts) as text) {compiled.expressions}"
        cursor = database.execute(query, {"texts": case})
        names = [column[0] for column in cursor.description]
        for text, row in zip(case, cursor.fetchall(), strict=True):
            found = dict(zip(names, row, strict=True))
            # Python knows no such year; a row with it is quarantined as impossible_time.
            if "(BC)" in str(found["moment"]) or "10000-" in str(found["moment"]):
                found["moment"] = None
            wanted = {
                "integer": whole(text, 64),
                "small_integer": whole(text, 32),
                "double": double(text),
                "boolean": truth(text),
                "date": day(text),
                "moment": moment(text),
                "email": oracle.normalised_email(text),
                "comparable": oracle.comparable(text),
            }
            assert {name: found[name] for name in wanted} == wanted, text
            assert isinstance(found["is_regex"], bool)
            assert explain.normalised_email(text) == found["email"], "explain looks for another e-mail than the models keep"

    fuzz("texts of events", st.lists(texts, min_size=1, max_size=30), check)


@dataclass(frozen=True)
class Change:
    """A row put into a seed, in the place of the one that stands there or at the end."""

    seed: str
    place: int | None
    row: Row


@st.composite
def changes(draw: st.DrawFn) -> list[Change]:
    """Up to five rows of seeds with a cell changed, into anything or into the cell of another row."""
    found = []
    for _ in range(draw(st.integers(1, 5))):
        name = draw(st.sampled_from(list(ROWS)))
        rows = ROWS[name] or [dict.fromkeys(COLUMNS[name], "")]
        place = draw(st.integers(0, len(rows) - 1))
        column = draw(st.sampled_from(COLUMNS[name]))
        cell = draw(st.one_of(texts, st.sampled_from(rows).map(lambda row, column=column: row[column])))
        found.append(Change(name, place if ROWS[name] and draw(st.booleans()) else None, {**rows[place], column: cell}))
    return found


ROWS = _shipped()


def test_any_change_of_the_seeds_is_told_or_stands(fuzz: Fuzz, compiled: Compiled) -> None:
    """The configuration models never end in an error, and each fault that they tell has a file of ours, words, and a line in it."""
    configuration = Configuration({"nodes": {node["unique_id"]: node for node in compiled.nodes.values()}}, ROWS)
    files = {f"{name}.csv" for name in ROWS}

    def check(case: list[Change]) -> None:
        tables: Tables = {name: list(rows) for name, rows in ROWS.items()}
        for change in case:
            if change.place is None:
                tables[change.seed].append(change.row)
            else:
                tables[change.seed][change.place] = change.row
        for fault in configuration.faults(tables):
            assert fault["file"] in files
            assert fault["reason"]
            assert seeds.located(fault, SEEDS).line

    fuzz("contradictions of the seeds", changes(), check)


# --------------------------------------------------------------------------------------------------------------------
# The events: files
# --------------------------------------------------------------------------------------------------------------------

EVENT_COLUMNS = ("event_id", "event_type", "occurred_at", "loaded_at", "email")
GOOD_EVENT = ("1", "page_viewed", "2026-03-01 10:00:00", "2026-03-01T11:00Z", "ann@example.com")
LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True)
class Read:
    """What became of a file: the events as read, the lines rejected with their reasons, or why the file was refused."""

    events: list[dict[str, Any]]
    rejected: list[tuple[int, str]]
    refused: str | None = None


@pytest.fixture
def read(compiled: Compiled) -> Iterator[Callable[[str, bytes], Read]]:
    """Reads the bytes of a file of events as a build does: dbt's own macros, called again and again, and the models up to the verdict on each row."""
    from dbt.clients.jinja import MacroGenerator
    from dbt_common.exceptions import CompilationError

    root = compiled.project.folder / "raw"
    (root / "generic").mkdir(exist_ok=True)
    macro = compiled.manifest.find_macro_by_name("duckdb__register_table", "lead_scoring", "lead_scoring")
    context = compiled.adapter._macro_context_generator(macro, compiled.adapter.config, compiled.manifest, "lead_scoring")
    register = MacroGenerator(macro, context)
    table = compiled.manifest.sources["source.lead_scoring.generic.events"]
    with environment(LEAD_SCORING_DB=str(compiled.project.database)), compiled.adapter.connection_named("fuzz"):
        database = compiled.adapter.connections.get_thread_connection().handle.cursor()
        for schema in ("raw_generic", "staging", "intermediate"):
            database.execute(f"create schema if not exists {schema}")
        database.execute(
            "create or replace table raw_generic._rejected_lines (raw_table string, raw_file string, raw_row bigint, raw_text string, rejection_reason string)"
        )
        database.execute(
            "create or replace table staging.stg_config__event_types as select 'page_viewed' as event_type, true as is_engagement, false as is_machine"
        )
        views = [compiled.nodes[name] for name in ("stg_generic__events", "int_events_read")]

        def run(name: str, content: bytes) -> Read:
            path = root / "generic" / name
            path.write_bytes(content)
            database.execute("truncate raw_generic._rejected_lines")
            try:
                register(table, [str(path)], str(root), [])
            except CompilationError as error:
                return Read([], [], str(error))
            finally:
                path.unlink()
            for view in views:
                database.execute(f"create or replace view {view['relation_name']} as {view['compiled_code']}")
            cursor = database.execute(f"select * from {views[-1]['relation_name']} order by raw_row")
            names = [column[0] for column in cursor.description]
            events = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            rejected = database.execute(
                "select raw_row, rejection_reason from raw_generic._rejected_lines order by all"
            ).fetchall()
            return Read(events, rejected)

        yield run


def lines_of(content: bytes) -> list[bytes]:
    """The physical lines that hold something, whatever ends them."""
    return [line for line in LINE_END.split(content) if line]


CLEAR_REFUSALS = re.compile(
    "the first line is no header|the header does not name every column|the header names a column twice|The required column|cannot be told apart"
)

line_pieces = st.one_of(
    st.sampled_from(PIECES).filter(lambda piece: len(piece) < 100),
    texts.map(str.encode),
    st.sampled_from([cell.encode() for cell in GOOD_EVENT]),
)


@st.composite
def csv_files(draw: st.DrawFn) -> bytes:
    """Good lines, torn ones, and ones of any pieces, under a good header or another one."""
    header = draw(
        st.sampled_from(
            (",".join(EVENT_COLUMNS).encode(),) * 8
            + (b"", b"event_id", b"\xff", b'"event_id","event_type",occurred_at,loaded_at,email,"a,b"')
        )
    )
    ends = draw(st.sampled_from((b"\n", b"\n", b"\r\n", b"\r")))
    cells = st.lists(
        st.one_of(st.lists(line_pieces, max_size=2).map(b"".join), st.sampled_from([cell.encode() for cell in GOOD_EVENT])),
        max_size=6,
    )
    good = st.sampled_from(EVENT_COLUMNS).flatmap(
        lambda changed: texts.map(
            lambda text: b",".join(
                (text if name == changed else cell).replace('"', "").encode()
                for name, cell in zip(EVENT_COLUMNS, GOOD_EVENT, strict=True)
            )
        )
    )
    lines = draw(st.lists(st.one_of(good, cells.map(b",".join)), max_size=6))
    return ends.join([header, *lines, draw(st.sampled_from((b"", b"", b"1", b'"')))])


@st.composite
def json_files(draw: st.DrawFn) -> bytes:
    """Objects with good and with any values, cut ones, and lines of anything."""
    whole_objects = st.fixed_dictionaries(
        {
            name: st.one_of(st.just(cell), texts, st.integers(), st.floats(), st.booleans(), st.none())
            for name, cell in zip(EVENT_COLUMNS, GOOD_EVENT, strict=True)
        },
        optional={"EVENT_ID": texts, "": texts, 'a"b': texts, "a.b[0]": texts, "amount": texts},
    )
    line = st.one_of(
        whole_objects.map(lambda value: json.dumps(value).encode()),
        whole_objects.map(lambda value: json.dumps(value, ensure_ascii=False).encode()),
        whole_objects.map(lambda value: json.dumps(value).encode()[:-3]),
        json_texts.map(str.encode),
        st.lists(line_pieces, max_size=4).map(b"".join),
    )  # fmt: skip
    return draw(st.sampled_from((b"\n", b"\n", b"\r\n"))).join(draw(st.lists(line, max_size=6)))


def test_any_csv_file_of_events_is_accounted_for(fuzz: Fuzz, read: Callable[[str, bytes], Read]) -> None:
    """Lines in = rows accepted + rows quarantined + lines rejected, or the file is refused by name. A row in quotes may take several lines."""

    def check(content: bytes) -> None:
        found = read("events.csv", content)
        if found.refused is not None:
            assert "events.csv" in found.refused
            assert CLEAR_REFUSALS.search(found.refused)
            assert b'"' in content or "cannot be told apart" not in found.refused, "a line is in no row and not rejected"
            return
        lines = lines_of(content)
        told = len(found.events) + len(found.rejected)
        if b'"' not in content:
            assert told == max(0, len(lines) - 1)
        else:
            assert told <= max(0, len(lines) - 1)
            assert told or len(lines) < 2, "lines that nothing is said about"

    fuzz("CSV files of events", csv_files(), check)


def test_any_json_file_of_events_is_accounted_for(fuzz: Fuzz, read: Callable[[str, bytes], Read]) -> None:
    """Lines in = rows accepted + rows quarantined + lines rejected, and the texts are those that Python reads."""

    def check(content: bytes) -> None:
        found = read("events.jsonl", content)
        if found.refused is not None:
            assert "events.jsonl" in found.refused
            assert CLEAR_REFUSALS.search(found.refused)
            return
        assert len(found.events) + len(found.rejected) == len(lines_of(content))

    fuzz("JSON files of events", json_files(), check)


# --------------------------------------------------------------------------------------------------------------------
# The configuration: the command line
# --------------------------------------------------------------------------------------------------------------------

words = st.one_of(
    texts, st.text(st.characters(exclude_characters="\0"), max_size=6), st.sampled_from(("\udcff", "a\udce9@b", "default", "--json", "-"))
)  # fmt: skip
yaml_texts = st.one_of(
    json_texts,
    words,
    st.builds(
        "{{{}: {}}}".format,
        st.one_of(words, st.sampled_from(("as_of_date", "1", "null", "2026-01-01", "? [a]", "!!binary aGk=", "<<"))),
        st.one_of(
            words,
            times,
            st.sampled_from((
                '!!int ""', "!!float x", "!!timestamp x", "!!bool x", "!!set {a}", "!!binary aGk=", "!!binary é", "!!omap [a: 1]", "!!python/object:os.system x",
                "&a [*a]", "*a", "1:99:99", "0b", "0o9", ".nan", "-.inf", "2026-03-10", "2026-02-30", "1" + "0" * 5000, "[" * 2000, "~", '"\\ud800"', '"\\0"', "|", "{1: 2, a: 3}",
            )),
        ),
    ),
)  # fmt: skip


def call(app: Any, arguments: Sequence[str]) -> None:
    """A command ends with a code of its own and says why; a traceback is none of its ends."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), (arguments, result.exception)
    assert result.exit_code in (0, 1, 2), arguments
    assert result.output.strip(), arguments


def test_any_option_of_a_build_is_taken_or_refused(fuzz: Fuzz, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is taken is what dbt is given: it has to have a form as text, and the dates have to be dates for the database."""
    database = duckdb.connect()
    seen: list[Mapping[str, Any]] = []

    def build(path: Path, variables: Mapping[str, Any], *others: object) -> tuple[dbt.Run, None]:
        building.fingerprint_of(variables)
        seen.append(json.loads(json.dumps(dict(variables), allow_nan=False)))
        return dbt.Run(), None

    def restate(
        path: Path, days: Sequence[date], output: Path | None, variables: Mapping[str, Any], *others: object
    ) -> restating.Restatement:
        build(path, variables)
        return restating.Restatement(days[0], "nowhere", [])

    monkeypatch.setattr(building, "build", build)
    monkeypatch.setattr(restating, "restate", restate)

    def check(case: tuple[str, str, bool]) -> None:
        option, value, as_json = case
        call(cli.app, ["restate" if option == "--date" else "build", option, value, *(["--json"] if as_json else [])])
        while seen:
            variables = seen.pop()
            for name, kind in (("as_of_date", "date"), ("known_at", "timestamp")):
                if option != "--vars" and name in variables:
                    assert database.execute(f"select cast(? as {kind}) is not null", [variables[name]]).fetchall() == [(True,)]

    dated = st.tuples(st.sampled_from(("--as-of-date", "--known-at", "--date")), st.one_of(times, words), st.booleans())
    fuzz("options of a build", st.one_of(st.tuples(st.just("--vars"), yaml_texts, st.booleans()), dated), check)


def test_any_name_is_found_or_refused(fuzz: Fuzz, demo_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """E-mails, ids and score models that explain and show are asked for."""
    monkeypatch.setenv("LEAD_SCORING_DB", str(demo_database))

    def check(case: tuple[str, str, bool]) -> None:
        command, word, as_json = case
        arguments = {
            "explain": ["explain", "--", word],
            "show": ["show", f"--score-model={word}"],
            "top": ["show", "--top", word],
        }[command]
        if as_json:
            arguments.insert(1, "--json")
        call(cli.app, arguments)

    fuzz(
        "names for explain and show",
        st.tuples(st.sampled_from(("explain", "explain", "show", "top")), words, st.booleans()),
        check,
    )


def test_any_name_of_a_source_or_a_preset_is_taken_or_refused(fuzz: Fuzz, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two scripts that write files plan them; nothing is written here."""
    monkeypatch.setattr(scaffold, "write", lambda plan: None)
    monkeypatch.setattr(presets, "write", lambda texts: None)

    def check(case: tuple[list[str], bool]) -> None:
        arguments, as_json = case
        script = use_preset.app if arguments[0] in ("show", "copy") else new_source.app
        call(script, [*(["--json"] if as_json and script is new_source.app else []), *arguments])

    kinds = st.sampled_from((*scaffold.KINDS, "x"))
    calls = st.one_of(
        st.tuples(st.just("show"), words),
        st.tuples(st.just("copy"), st.just("pardot"), words.map("--as={}".format)),
        st.tuples(words.map("--table={}".format), st.just("--"), words),
        st.tuples(st.builds("--table={}={}".format, kinds, words), st.just("--"), st.sampled_from(("acme", "generic", "hubspot"))),
    ).map(list)  # fmt: skip
    fuzz("new sources and presets", st.tuples(calls, st.booleans()), check)
