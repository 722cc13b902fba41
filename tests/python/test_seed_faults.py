"""Each way in which a seed can contradict itself is refused, with the right row and nothing else told.

dbt compiles the configuration models once; for each fault the seeds are loaded as text into a DuckDB in memory and the
compiled SQL runs there. One true ``dbt build`` shows that the build stops. Faults of the bytes go through ``seeds.check_files``.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

PROJECT = Path(__file__).resolve().parents[2]
SEEDS = PROJECT / "seeds"
sys.path.insert(0, str(PROJECT / "scripts"))

from lead_scoring import seeds as seed_files  # noqa: E402

Row = dict[str, str]
Tables = dict[str, list[Row]]
COLUMNS = seed_files.expected_columns()
DATABASE = "seed_faults"

# ---------------------------------------------------------------------------------------------------------------------
# Running the configuration models
# ---------------------------------------------------------------------------------------------------------------------


class Configuration:
    """The compiled ``stg_config__*`` models over seeds that a test may change."""

    def __init__(self, manifest: dict[str, Any], shipped: Tables) -> None:
        """Builds everything from the shipped seeds."""
        nodes = {key: node for key, node in manifest["nodes"].items() if node["name"].startswith("stg_config__")}
        models = {key: node for key, node in nodes.items() if node["resource_type"] == "model"}
        self._models: dict[str, tuple[str, str, set[str]]] = {}
        while len(self._models) < len(models):
            for key, node in models.items():
                parents = set(node["depends_on"]["nodes"])
                if key not in self._models and all(parent in self._models or parent not in models for parent in parents):
                    self._models[key] = (node["relation_name"], node["compiled_code"], parents)
        self._shipped = shipped
        self._database = duckdb.connect(config={"threads": 1})
        # Most of the time would go into plans for tables of a few rows; the true build below uses them.
        self._database.execute("pragma disable_optimizer")
        self._database.execute(f"attach ':memory:' as {DATABASE}")
        self._database.execute(f"create schema {DATABASE}.seeds; create schema {DATABASE}.staging")
        self._build(shipped, set(shipped))

    def faults(self, tables: Tables) -> list[dict[str, str | None]]:
        """The rows of ``stg_config__faults`` for these seeds; the shipped ones are back afterwards."""
        changed = {seed for seed in tables if tables[seed] != self._shipped[seed]}
        self._database.execute("begin")
        try:
            self._build(tables, changed)
            result = self._database.execute(f"select * from {DATABASE}.staging.stg_config__faults")
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        finally:
            self._database.execute("rollback")

    def _build(self, tables: Tables, seeds: set[str]) -> None:
        stale = {f"seed.lead_scoring.{seed}" for seed in seeds}
        for seed in seeds:
            columns = ", ".join(f"{column} varchar" for column in COLUMNS[seed])
            self._database.execute(f"create or replace table {DATABASE}.seeds.{seed} ({columns})")
            rows = [[row[column] or None for column in COLUMNS[seed]] for row in tables[seed]]
            if rows:
                marks = ", ".join("?" for _ in COLUMNS[seed])
                self._database.executemany(f"insert into {DATABASE}.seeds.{seed} values ({marks})", rows)
        for key, (relation, sql, parents) in self._models.items():
            if parents & stale:
                self._database.execute(f"create or replace table {relation} as {sql}")
                stale.add(key)


def _shipped() -> Tables:
    tables: Tables = {}
    for seed in COLUMNS:
        path = seed_files.find(SEEDS, f"{seed}.csv")
        assert path is not None, seed
        with path.open(encoding="utf-8", newline="") as file:
            tables[seed] = list(csv.DictReader(file))
    return tables


def _dbt(arguments: list[str], project: Path, target: Path, presets: object = ()) -> subprocess.CompletedProcess[str]:
    variables = {"lead_scoring_sources": [], "as_of_date": "2026-03-10", "lead_scoring_presets": presets or []}
    command = [
        *(str(Path(sys.executable).parent / "dbt"), *arguments, "--project-dir", str(project), "--profiles-dir", str(project)),
        *("--target-path", str(target / "target"), "--log-path", str(target / "logs"), "--no-use-colors"),
        *("--vars", json.dumps(variables)),
    ]
    environment = {**os.environ, "LEAD_SCORING_DB": str(target / f"{DATABASE}.duckdb"), "LEAD_SCORING_RAW": str(target)}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    """Compiles the models once for all tests."""
    return _compiled(tmp_path_factory.mktemp("compiled"), [])


@pytest.fixture(scope="session")
def configuration_with_presets(tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    """The same with all presets on."""
    return _compiled(tmp_path_factory.mktemp("compiled_with_presets"), "all")


def _compiled(target: Path, presets: object) -> Configuration:
    done = _dbt(["compile", "--select", "path:models/staging/config"], PROJECT, target, presets)
    assert done.returncode == 0, done.stdout
    return Configuration(json.loads((target / "target" / "manifest.json").read_text()), _shipped())


# ---------------------------------------------------------------------------------------------------------------------
# Faults of meaning
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A fault that must be told: of which row of which seed (None: of no single one), in which column, with which words."""

    seed: str
    row: Row | None
    column: str | None
    words: str


@dataclass(frozen=True)
class Case:
    """A change of the shipped seeds that makes them faulty, and what must be told of it."""

    name: str
    change: Callable[[Tables], list[Told]]


def edited(name: str, seed: str, which: Row, changes: Row, *told: tuple[str | None, str]) -> Case:
    """A case in which cells of the first row with the cells ``which`` change; ``told`` are (column, words)."""

    def change(tables: Tables) -> list[Told]:
        row = _first(tables[seed], which)
        row.update(changes)
        return [Told(seed, row, column, words) for column, words in told]

    return Case(name, change)


def added(name: str, seed: str, cells: Row, *told: tuple[str | None, str]) -> Case:
    """A case in which a row is added."""

    def change(tables: Tables) -> list[Told]:
        row = {**dict.fromkeys(COLUMNS[seed], ""), **cells}
        tables[seed].append(row)
        return [Told(seed, row, column, words) for column, words in told]

    return Case(name, change)


def repeated(name: str, seed: str, which: Row, changes: Row, *told: tuple[str | None, str]) -> Case:
    """A case in which a copy of a row, with changes, stands at the end of the file."""

    def change(tables: Tables) -> list[Told]:
        row = {**_first(tables[seed], which), **changes}
        tables[seed].append(row)
        return [Told(seed, row, column, words) for column, words in told]

    return Case(name, change)


def asks(field: str, operator: str, operand: str) -> Row:
    """The cells of a condition."""
    return {"field": field, "operator": operator, "operand": operand}


def _first(rows: list[Row], which: Row) -> Row:
    """The first row with these cells; ``*`` is any that is not empty."""
    return next(row for row in rows if all(row[name] if cell == "*" else row[name] == cell for name, cell in which.items()))


def _no_default(tables: Tables) -> list[Told]:
    for row in tables["score_models"]:
        row["is_default"] = "false"
    return [Told("score_models", None, "is_default", "no score model")]


def _second_default(tables: Tables) -> list[Told]:
    first = _first(tables["score_models"], {"is_default": "true"})
    for seed in ("score_models", "grade_scales", "segments"):
        tables[seed] += [{**row, "score_model": "second"} for row in tables[seed] if row["score_model"] == first["score_model"]]
    return [Told("score_models", row, "is_default", "true for 2 score models") for row in (first, tables["score_models"][-1])]


def _nameless_score_model(tables: Tables) -> list[Told]:
    """Nothing of the row says which one it is, so the header is shown; that it has no bands is not told of nobody."""
    tables["score_models"].append({**tables["score_models"][0], "score_model": "", "is_default": "false"})
    return [Told("score_models", None, "score_model", "is missing")]


def _no_lowest(tables: Tables) -> list[Told]:
    lowest = _first(tables["segments"], {"lower_bound": ""})
    lowest["lower_bound"] = "-5"
    return [Told("segments", _first(tables["segments"], {"score_model": lowest["score_model"]}), "lower_bound", "nowhere empty")]


def _no_scale(tables: Tables) -> list[Told]:
    tables["grade_scales"] = []
    return [Told("score_models", row, "score_model", "no row in grade_scales.csv") for row in tables["score_models"]]


def _no_segments(tables: Tables) -> list[Told]:
    shortcuts = [row for row in tables["point_grid"] if row["target_segment"]]
    tables["segments"], tables["next_actions"] = [], []
    tables["destination_lists"] = [row for row in tables["destination_lists"] if row["source"] != "segment"]
    return [
        *(Told("score_models", row, "score_model", "no row in segments.csv") for row in tables["score_models"]),
        *(Told("point_grid", row, "target_segment", "is no segment") for row in shortcuts),
    ]


def _ranks_turned(tables: Tables) -> list[Told]:
    model = tables["segments"][0]["score_model"]
    lower, upper = sorted((row for row in tables["segments"] if row["score_model"] == model), key=lambda row: int(row["rank"]))[
        -2:
    ]
    lower["rank"], upper["rank"] = upper["rank"], lower["rank"]
    return [Told("segments", lower, "rank", f"after the rank of {upper['segment']}, but the lower_bound is below")]


def _lone_exclude(tables: Tables) -> list[Told]:
    row = _first(tables["point_grid"], {"kind": "exclude"})
    row.update(field="", operator="", operand="")
    return [Told("point_grid", row, "field", "a rule of the kind exclude needs a condition")]


def _further(changes: Row, column: str, words: str) -> Callable[[Tables], list[Told]]:
    """A further condition of the first rule that looks at event fields or, with a trait, of the first attribute rule."""

    def change(tables: Tables) -> list[Told]:
        rule = _first(tables["point_grid"], {"kind": "attribute"})
        row = {"score_model": rule["score_model"], "rule_id": rule["rule_id"], **asks("job_title", "eq", "x"), **changes}
        tables["point_grid_conditions"].append(row)
        return [Told("point_grid_conditions", row, column, words)]

    return change


HALF_LIFE, STEP, PLAIN = {"decay": "half_life"}, {"decay": "step"}, {"kind": "event", "decay": "", "field": ""}
EVENT, FREQUENCY, ATTRIBUTE = {"kind": "event", "field": ""}, {"kind": "frequency"}, {"kind": "attribute"}
RESET, SHORTCUT, EXCLUDE = {"kind": "reset"}, {"kind": "shortcut"}, {"kind": "exclude"}
PATH = {"kind": "event", "field": "page_path"}
AUDIENCES, AUDIENCE_CONDITIONS, LISTS, SUPPRESSIONS = "audiences", "audience_conditions", "destination_lists", "suppressions"
GRID, CONDITIONS, MODELS = "point_grid", "point_grid_conditions", "score_models"
TWICE = "stands in the file 2 times"

CASES = [
    # Cells that cannot be read, or are not there.
    edited("points NaN", GRID, EVENT, {"points": "NaN"}, ("points", "NaN is no number")),
    edited("points infinite", GRID, EVENT, {"points": "inf"}, ("points", "inf is no number")),
    edited("points too large", GRID, EVENT, {"points": "1000000"}, ("points", "1000000 is no number")),
    edited("points 1e308", GRID, EVENT, {"points": "1e308"}, ("points", "1e308 is no number")),
    edited("points per cent", GRID, EVENT, {"points": "10 %"}, ("points", "10 % is no number")),
    edited("points with a comma", GRID, EVENT, {"points": "2,5"}, ("points", "2,5 is no number")),
    edited("points with five places", GRID, EVENT, {"points": "0.00005"}, ("points", "0.00005 is no number")),
    edited("points missing", GRID, EVENT, {"points": ""}, ("points", "is missing")),
    edited("points of white space", GRID, EVENT, {"points": " \u00a0\t"}, ("points", "is missing")),
    edited("half a day", GRID, {"max_per_day": "*"}, {"max_per_day": "1.5"}, ("max_per_day", "1.5 is no whole number")),
    edited("a day of the year 0", GRID, EVENT, {"active_from": "0000-01-01"}, ("active_from", "0000-01-01 is no date")),
    edited("a day that is none", GRID, EVENT, {"active_from": "2026-02-30"}, ("active_from", "2026-02-30 is no date")),
    edited("a day of another form", GRID, EVENT, {"active_to": "03/04/2026"}, ("active_to", "03/04/2026 is no date")),
    edited("neither true nor false", MODELS, {}, {"is_default": "maybe"}, ("is_default", "maybe is no true or false")),
    edited("label missing", GRID, EVENT, {"label": ""}, ("label", "is missing")),
    edited("semicolon in a cell", GRID, EVENT, {"points": "1;2: 3"}, ("points", "1,2: 3 is no number")),
    edited("rule without a name", GRID, EVENT, {"rule_id": ""}, ("rule_id", "is missing")),
    edited(
        "two cells of a row",
        GRID,
        HALF_LIFE,
        {"points": "x", "decay_days": "y"},
        ("points", "x is no"),
        ("decay_days", "y is no"),
    ),
    edited("threshold of a trend 0", MODELS, {}, {"trend_threshold": "0"}, ("trend_threshold", "0 is not above 0")),
    Case("score model without a name", _nameless_score_model),
    edited("negative delay", "next_actions", {}, {"delay_hours": "-1"}, ("delay_hours", "-1 is below 0")),
    # Names that nothing bears.
    edited(
        "unknown score model of a rule",
        GRID,
        {**EVENT, "rule_group": ""},
        {"score_model": "defualt"},
        ("score_model", "is no score model"),
    ),
    edited("unknown kind", GRID, EVENT, {"kind": "evnt"}, ("kind", "evnt is no kind")),
    edited(
        "unknown subscore", GRID, EVENT, {"subscore": "behavior"}, ("subscore", "behavior is no subscore; there is behaviour")
    ),
    edited("unknown stage", GRID, EVENT, {"stage": "curiosity"}, ("stage", "curiosity is no stage")),
    edited("unknown event type", GRID, EVENT, {"event_type": "page_view"}, ("event_type", "the nearest is page_viewed")),
    edited(
        "one unknown of several",
        GRID,
        EVENT,
        {"event_type": "page_viewed | emial_opened"},
        ("event_type", "nearest is email_opened"),
    ),
    edited("empty item of event types", GRID, EVENT, {"event_type": "page_viewed||form_submitted"}, ("event_type", "empty item")),
    edited("unknown field", GRID, PATH, {"field": "page_pat"}, ("field", "page_pat is no event field; the nearest is page_path")),
    edited("trait in an event rule", GRID, PATH, {"field": "job_title"}, ("field", "job_title is no event field")),
    edited("event field in an attribute rule", GRID, ATTRIBUTE, {"field": "page_path"}, ("field", "page_path is no trait field")),
    edited(
        "property in an attribute rule",
        GRID,
        ATTRIBUTE,
        {"field": "properties.plan"},
        ("field", "properties.plan is no trait field"),
    ),
    edited("property with a strange key", GRID, PATH, {"field": "properties.a'b"}, ("field", "properties.a'b is no event field")),
    edited("property without a key", GRID, PATH, {"field": "properties."}, ("field", "properties. is no event field")),
    edited("unknown operator", GRID, PATH, {"operator": "like"}, ("operator", "like is no operator")),
    edited("unknown decay", GRID, HALF_LIFE, {"decay": "halflife"}, ("decay", "halflife is no decay; there is half_life")),
    edited(
        "unknown clock",
        GRID,
        HALF_LIFE,
        {"decay_from": "last_visit"},
        ("decay_from", "last_visit is no decay from; there is last_activity"),
    ),
    edited("unknown count_once_per", GRID, EVENT, {"count_once_per": "week"}, ("count_once_per", "week is no count once per")),
    edited("unknown group", GRID, {"rule_group": "*"}, {"rule_group": "no_such"}, ("rule_group", "no_such is no rule group")),
    edited("unknown target", GRID, SHORTCUT, {"target_segment": "hot"}, ("target_segment", "hot is no segment")),
    edited("unknown normalisation", MODELS, {}, {"normalisation": "log"}, ("normalisation", "log is no normalisation")),
    edited("unknown axis", "grade_scales", {}, {"axis": "engagement"}, ("axis", "engagement is no axis")),
    edited("unknown combination", "rule_groups", {}, {"combine": "mean"}, ("combine", "mean is no combine")),
    edited("unknown temperature", "segments", {}, {"temperature": "tepid"}, ("temperature", "tepid is no temperature")),
    edited("unknown trend", "next_actions", {"trend": "*"}, {"trend": "up"}, ("trend", "up is no trend")),
    edited("unknown guard", "guards", {}, {"guard": "leads"}, ("guard", "leads is no guard")),
    edited("limits of nobody", "guards", {}, {"subject": "genric"}, ("subject", "genric is no source and no score model")),
    edited("limit that is no number", "guards", {}, {"warn_above": "many"}, ("warn_above", "many is no number")),
    edited("warning below the stop", "guards", {"stop_below": "*"}, {"warn_below": "0"}, ("warn_below", "0 is below stop_below")),
    edited(
        "warning above the stop",
        "guards",
        {"stop_above": "*"},
        {"warn_above": "1000"},
        ("warn_above", "1000 is above stop_above"),
    ),
    repeated("guard twice", "guards", {}, {}, (None, TWICE)),
    edited("action of an unknown segment", "next_actions", {}, {"segment": "lukewarm"}, ("segment", "lukewarm is no segment")),
    edited(
        "code of an unknown event type",
        "source_event_types",
        {"event_type": "*"},
        {"event_type": "e_mail"},
        ("event_type", "is no event type"),
    ),
    edited(
        "report of an unknown event type",
        "cross_source_duplicates",
        {},
        {"event_types": "form_submitted|form_sent"},
        ("event_types", "form_sent is no event type"),
    ),
    repeated(
        "event type reported in two rows",
        "cross_source_duplicates",
        {"event_types": "order_completed"},
        {"event_types": "order_completed|product_used"},
        ("event_types", "order_completed stands in several rows"),
    ),
    edited("report of one source", "cross_source_duplicates", {}, {"sources": "hubspot"}, ("sources", "one source alone")),
    edited(
        "report of a source twice",
        "cross_source_duplicates",
        {},
        {"sources": "hubspot|ga4| HubSpot"},
        ("sources", "hubspot stands there several times"),
    ),
    edited(
        "report of no source",
        "cross_source_duplicates",
        {},
        {"sources": "hubspot||ga4"},
        ("sources", "has an empty item between its |"),
    ),
    edited("window before", "cross_source_duplicates", {}, {"window_seconds": "-1"}, ("window_seconds", "-1 is below 0")),
    edited("no window", "cross_source_duplicates", {}, {"window_seconds": ""}, ("window_seconds", "is missing")),
    edited(
        "link to an unknown event type", "tagged_links", {}, {"event_type": "click"}, ("event_type", "click is no event type")
    ),
    edited("link without tags", "tagged_links", {}, {"utm_source": ""}, ("utm_source", "no tag is given")),
    repeated("link twice", "tagged_links", {}, {"utm_source": "Signature "}, (None, TWICE)),
    edited(
        "profile field that is derived",
        "profile_fields",
        {},
        {"field": "session_count"},
        ("field", "session_count is no profile field"),
    ),
    added(
        "bounds of an unknown score model",
        "subscore_bounds",
        {"score_model": "x", "subscore": "fit"},
        ("score_model", "x is no score model"),
    ),
    Case("condition of no rule", _further({"rule_id": "no_such"}, "rule_id", "no_such is no rule")),
    Case("condition on an event field", _further({"field": "page_path"}, "field", "page_path is no trait field")),
    # Conditions.
    edited("condition without a field", GRID, PATH, {"field": ""}, ("field", "an operator or operand stands without one")),
    edited("condition without an operator", GRID, PATH, {"operator": ""}, ("operator", "page_path is compared with nothing")),
    edited("condition without an operand", GRID, PATH, {"operator": "eq", "operand": ""}, ("operand", "eq needs one")),
    edited("operand of is_null", GRID, PATH, {"operator": "is_null", "operand": "x"}, ("operand", "is_null takes none, but x")),
    edited("text operator on a number", GRID, ATTRIBUTE, asks("age", "contains", "4"), ("operator", "does not fit age")),
    edited("order of booleans", GRID, ATTRIBUTE, asks("is_lapsed", "gt", "false"), ("operator", "gt does not fit is_lapsed")),
    edited("text where a number must be", GRID, ATTRIBUTE, asks("age", "gt", "old"), ("operand", "old is no number")),
    edited("text where a date must be", GRID, ATTRIBUTE, asks("created_at", "gt", "2026"), ("operand", "2026 is no date")),
    edited("text where a boolean must be", GRID, ATTRIBUTE, asks("is_lapsed", "eq", "1"), ("operand", "1 is not true or false")),
    edited("size of a property", GRID, PATH, asks("properties.Seats", "gte", "five"), ("operand", "five is no number")),
    edited(
        "expression that does not compile",
        GRID,
        PATH,
        {"operator": "matches", "operand": "^(/a"},
        ("operand", "^(/a does not compile"),
    ),
    edited(
        "look-ahead, which RE2 has not", GRID, PATH, {"operator": "matches", "operand": "a(?=b)"}, ("operand", "does not compile")
    ),
    edited("empty item of operands", GRID, PATH, {"operator": "in", "operand": "/a|"}, ("operand", "empty item")),
    Case(
        "further condition that does not compile",
        _further({"operator": "matches", "operand": "["}, "operand", "[ does not compile"),
    ),
    # Kinds and decays.
    edited("event rule without a type", GRID, EVENT, {"event_type": ""}, ("event_type", "a rule of the kind event needs it")),
    edited("reset without a type", GRID, RESET, {"event_type": ""}, ("event_type", "a rule of the kind reset needs it")),
    edited(
        "reset with points", GRID, RESET, {"points": "5"}, ("points", "5 stands there, but a rule of the kind reset takes none")
    ),
    edited("exclude with points", GRID, EXCLUDE, {"points": "-5.5"}, ("points", "-5.5 stands there")),
    edited(
        "shortcut without a window", GRID, SHORTCUT, {"window_days": ""}, ("window_days", "a rule of the kind shortcut needs it")
    ),
    edited("shortcut without a target", GRID, SHORTCUT, {"target_segment": ""}, ("target_segment", "needs it")),
    edited("window of 0 days", GRID, FREQUENCY, {"window_days": "0"}, ("window_days", "0 is not above 0")),
    edited("window in an event rule", GRID, EVENT, {"window_days": "30"}, ("window_days", "a rule of the kind event takes none")),
    edited(
        "frequency turned round",
        GRID,
        FREQUENCY,
        {"min_count": "3", "max_count": "2"},
        ("min_count", "3 is more than max_count, 2"),
    ),
    edited("negative count", GRID, FREQUENCY, {"min_count": "-1"}, ("min_count", "-1 is below 0")),
    edited(
        "decay of a frequency",
        GRID,
        FREQUENCY,
        {"decay": "linear", "decay_days": "9"},
        ("decay", "a rule of the kind frequency takes none"),
    ),
    edited(
        "decay of an attribute",
        GRID,
        ATTRIBUTE,
        {"decay": "window", "decay_days": "9"},
        ("decay", "a rule of the kind attribute takes none"),
    ),
    edited(
        "event type of an attribute",
        GRID,
        ATTRIBUTE,
        {"event_type": "page_viewed"},
        ("event_type", "of the kind attribute takes none"),
    ),
    edited("half-life without days", GRID, HALF_LIFE, {"decay_days": ""}, ("decay_days", "half_life needs it")),
    edited("half-life of 0", GRID, HALF_LIFE, {"decay_days": "0"}, ("decay_days", "0 is not above 0")),
    edited("half-life below 0", GRID, HALF_LIFE, {"decay_days": "-7"}, ("decay_days", "-7 is not above 0")),
    edited("half-life without an end", GRID, HALF_LIFE, {"decay_days": "inf"}, ("decay_days", "inf is no number")),
    edited("half-life of next to nothing", GRID, HALF_LIFE, {"decay_days": "1e-9"}, ("decay_days", "1e-9 is no number")),
    edited("half-life of ages", GRID, HALF_LIFE, {"decay_days": "1e9"}, ("decay_days", "1e9 is no number")),
    edited("half-life NaN", GRID, HALF_LIFE, {"decay_days": "nan"}, ("decay_days", "nan is no number")),
    edited("half-life with a percentage", GRID, HALF_LIFE, {"decay_percent": "5"}, ("decay_percent", "half_life takes none")),
    edited("step without a percentage", GRID, STEP, {"decay_percent": ""}, ("decay_percent", "step needs it")),
    edited("step of more than all", GRID, STEP, {"decay_percent": "100.5"}, ("decay_percent", "100.5 is more than 100")),
    edited("days without a decay", GRID, PLAIN, {"decay_days": "5"}, ("decay", "stand without one")),
    edited("clock without a decay", GRID, PLAIN, {"decay_from": "last_activity"}, ("decay", "stand without one")),
    edited("no occurrence a day", GRID, EVENT, {"max_per_day": "0"}, ("max_per_day", "0 is not above 0")),
    edited("cap of 0", GRID, EVENT, {"max_points": "0"}, ("max_points", "0 is not above 0")),
    edited(
        "period turned round",
        GRID,
        EVENT,
        {"active_from": "2026-03-02", "active_to": "2026-03-01"},
        ("active_from", "is after active_to"),
    ),
    Case("exclude without a condition", _lone_exclude),
    # Rows against one another.
    repeated("rule twice", GRID, EVENT, {}, (None, TWICE)),
    repeated("condition twice", CONDITIONS, {}, {}, (None, TWICE)),
    repeated("group twice", "rule_groups", {}, {"max_points": "99"}, (None, TWICE)),
    repeated("bounds twice", "subscore_bounds", {}, {}, (None, TWICE)),
    repeated("score model twice", MODELS, {}, {"is_default": "false"}, (None, TWICE)),
    repeated("grade twice", "grade_scales", {}, {"lower_bound": "-999"}, (None, TWICE)),
    repeated("segment twice", "segments", {"lower_bound": "*"}, {"rank": "99", "lower_bound": "999"}, (None, TWICE)),
    repeated("event type twice", "event_types", {}, {"event_type": "PAGE_VIEWED"}, (None, TWICE)),
    repeated("code twice", "source_event_types", {"native_code": "OPEN"}, {"native_code": "open"}, (None, TWICE)),
    repeated("month twice", "seasons", {}, {}, (None, TWICE)),
    repeated("domain twice", "free_email_domains", {"domain": "gmail.com"}, {"domain": "GMail.com "}, (None, TWICE)),
    edited("bound of a grade NaN", "grade_scales", {}, {"lower_bound": "NaN"}, ("lower_bound", "NaN is no number")),
    repeated("bound of a grade twice", "grade_scales", {}, {"grade": "Z"}, ("lower_bound", "is the bound of the grade")),
    repeated(
        "bound of a segment twice",
        "segments",
        {"lower_bound": "*"},
        {"segment": "zz", "rank": "99"},
        ("lower_bound", "is the bound of"),
    ),
    repeated("rank twice", "segments", {"lower_bound": "*"}, {"segment": "zz", "lower_bound": "999"}, ("rank", "is the rank of")),
    repeated(
        "lowest band twice",
        "segments",
        {"lower_bound": ""},
        {"segment": "zz", "rank": "-1"},
        ("lower_bound", "one segment is the lowest"),
    ),
    edited(
        "subscore of the group differs",
        GRID,
        {"rule_group": "*", "subscore": "behaviour"},
        {"subscore": "fit"},
        ("subscore", "not that of its group"),
    ),
    edited(
        "group turned round",
        "rule_groups",
        {},
        {"min_points": "5", "max_points": "4.5"},
        ("min_points", "5 is more than max_points, 4.5"),
    ),
    edited(
        "bounds turned round",
        "subscore_bounds",
        {},
        {"min_points": "1", "max_points": "-1"},
        ("min_points", "1 is more than max_points, -1"),
    ),
    edited("scores turned round", MODELS, {}, {"score_min": "9", "score_max": "9"}, ("score_min", "9 is not below score_max, 9")),
    edited("weight below 0", "subscore_bounds", {}, {"weight": "-0.5"}, ("weight", "-0.5 is below 0")),
    edited("weight of words", "subscore_bounds", {}, {"weight": "half"}, ("weight", "half is no number")),
    edited(
        "unknown scaling of points",
        MODELS,
        {},
        {"points_scaling": "rank", "scaled_points_min": "0", "scaled_points_max": "1"},
        ("points_scaling", "rank is no points scaling; there is min_max"),
    ),
    edited(
        "scaling of points to nothing",
        MODELS,
        {},
        {"points_scaling": "min_max"},
        ("scaled_points_min", "min_max needs it"),
        ("scaled_points_max", "min_max needs it"),
    ),
    edited(
        "scaling of points turned round",
        MODELS,
        {},
        {"points_scaling": "min_max", "scaled_points_min": "1", "scaled_points_max": "1"},
        ("scaled_points_min", "1 is not below scaled_points_max, 1"),
    ),
    edited("range without a scaling", MODELS, {}, {"scaled_points_max": "1"}, ("points_scaling", "stand without one")),
    edited("root of nothing", MODELS, {}, {"normalisation": "sqrt", "raw_max": "0"}, ("raw_max", "0 is not above 0")),
    edited("month 13", "seasons", {}, {"month": "13"}, ("month", "13 is not between 1 and 12")),
    edited("domain with an @", "free_email_domains", {}, {"domain": "@gmail.com"}, ("domain", "@gmail.com is no domain")),
    edited(
        "machine that is engaged",
        "event_types",
        {"is_machine": "true"},
        {"is_engagement": "true"},
        ("is_machine", "no engagement"),
    ),
    added(
        "reserved group",
        "rule_groups",
        {"score_model": "default", "rule_group": "rule:x", "subscore": "fit"},
        ("rule_group", "is reserved"),
    ),
    added(
        "reserved segment",
        "segments",
        {"score_model": "default", "segment": "excluded", "label": "x", "rank": "99", "lower_bound": "999", "temperature": "hot"},
        ("segment", "the word for leads that a rule excludes"),
    ),
    # Activation.
    edited("negative margin", "segments", {}, {"enter_margin": "-1"}, ("enter_margin", "-1 is below 0")),
    edited("half a day in a segment", "segments", {}, {"min_days": "1.5"}, ("min_days", "1.5 is no whole number")),
    edited("audience without a label", AUDIENCES, {}, {"label": ""}, ("label", "is missing")),
    edited("negative days in an audience", AUDIENCES, {}, {"min_days": "-3"}, ("min_days", "-3 is below 0")),
    edited("audience of an unknown score model", AUDIENCES, {}, {"score_model": "defualt"}, ("score_model", "is no score model")),
    repeated("audience twice", AUDIENCES, {}, {}, (None, TWICE)),
    added("audience of everybody", AUDIENCES, {"audience": "all", "label": "All"}, ("audience", "everybody would be in it")),
    added(
        "condition of no audience", AUDIENCE_CONDITIONS, {"audience": "x", **asks("country", "eq", "FR")}, ("audience", "x is no")
    ),
    edited(
        "audience by an event field",
        AUDIENCE_CONDITIONS,
        {},
        asks("page_path", "eq", "/"),
        ("field", "page_path is no audience field"),
    ),
    edited(
        "audience by an unknown rule",
        AUDIENCE_CONDITIONS,
        {},
        {"field": "days_since_rule.pricing"},
        ("field", "pricing is no rule of the score model default"),
    ),
    edited("audience by an unknown operator", AUDIENCE_CONDITIONS, {}, {"operator": "like"}, ("operator", "like is no operator")),
    edited(
        "audience by a grade that is greater", AUDIENCE_CONDITIONS, {}, asks("grade", "gt", "B"), ("operand", "B is no number")
    ),
    edited("audience by a score of letters", AUDIENCE_CONDITIONS, {}, asks("score", "gt", "many"), ("operand", "many")),
    edited("condition without an operand", AUDIENCE_CONDITIONS, {}, {"operand": ""}, ("operand", "is missing")),
    edited("unknown provider", "destinations", {}, {"provider": "bravo"}, ("provider", "bravo is no provider; there is")),
    edited("contacts that are none", "destinations", {}, {"contacts": "some"}, ("contacts", "some is no contacts")),
    edited("share above all", "destinations", {}, {"max_share": "20"}, ("max_share", "20 is no share")),
    edited("brake missing", "destinations", {}, {"max_changes": ""}, ("max_changes", "is missing")),
    repeated("destination twice", "destinations", {}, {"is_on": "false"}, (None, TWICE)),
    edited("list of no destination", LISTS, {}, {"destination": "x"}, ("destination", "x is no destination")),
    edited("list of an unknown source", LISTS, {}, {"source": "segments"}, ("source", "there is segment, audience")),
    edited("list of an unknown segment", LISTS, {}, {"name": "hot"}, ("name", "hot is no segment of the score model default")),
    edited("list of an unknown audience", LISTS, {"source": "audience"}, {"name": "warm"}, ("name", "warm is no audience")),
    edited("list of an unknown mode", LISTS, {}, {"mode": "mirrored"}, ("mode", "mirrored is no mode")),
    edited("list of an unknown score model", LISTS, {}, {"score_model": "defualt"}, ("score_model", "is no score model")),
    repeated("list of two sources", LISTS, {}, {"name": "new"}, (None, TWICE)),
    edited("attribute of no destination", "destination_fields", {}, {"destination": "x"}, ("destination", "x is no destination")),
    edited("attribute of nothing", "destination_fields", {}, {"field": "scores"}, ("field", "the nearest is score")),
    edited(
        "attribute of an unknown score model",
        "destination_fields",
        {},
        {"score_model": "defualt"},
        ("score_model", "is no score model"),
    ),
    repeated("attribute twice", "destination_fields", {}, {"field": "grade"}, (None, TWICE)),
    edited("actions for no destination", "destination_actions", {}, {"destination": "x"}, ("destination", "x is no destination")),
    repeated("channel twice", "destination_actions", {}, {}, (None, TWICE)),
    edited("suppression of an unknown kind", SUPPRESSIONS, {"lifted_by": ""}, {"kind": "evnt"}, ("kind", "evnt is no")),
    edited("suppression by no event type", SUPPRESSIONS, {}, {"name": "unsubscribed"}, ("name", "unsubscribed is no event type")),
    edited(
        "suppression by a trait that it may not ask",
        SUPPRESSIONS,
        {"kind": "trait"},
        {"name": "job_title"},
        ("name", "job_title is no trait that a suppression may look at"),
    ),
    edited("suppression by no score model", SUPPRESSIONS, {"kind": "excluded"}, {"name": "x"}, ("name", "x is no score model")),
    edited("suppression by nothing", SUPPRESSIONS, {"kind": "missing_trait"}, {"name": ""}, ("name", "needs one")),
    edited(
        "suppression lifted by nothing known", SUPPRESSIONS, {}, {"lifted_by": "email_subscribe"}, ("lifted_by", "nearest is")
    ),
    edited(
        "trait that an event lifts",
        SUPPRESSIONS,
        {"kind": "trait"},
        {"lifted_by": "email_subscribed"},
        ("lifted_by", "only what"),
    ),
    repeated("suppression twice", SUPPRESSIONS, {}, {}, (None, TWICE)),
    edited("limit of an unknown operation", "provider_limits", {}, {"operation": "contacts"}, ("operation", "contacts is no")),
    edited("limit of nobody", "provider_limits", {}, {"max_records": "0"}, ("max_records", "0 is not above 0")),
    edited("limit in no time", "provider_limits", {}, {"per_seconds": "0"}, ("per_seconds", "0 is not above 0")),
    repeated("limit twice", "provider_limits", {}, {"max_records": "7"}, (None, TWICE)),
    Case("no default", _no_default),
    Case("second default", _second_default),
    Case("no lowest band", _no_lowest),
    Case("no grades", _no_scale),
    Case("no segments", _no_segments),
    Case("ranks against bounds", _ranks_turned),
]

SOUND = [
    edited(
        "white space around cells",
        GRID,
        HALF_LIFE,
        {"kind": " Event ", "decay": "HALF_LIFE\u00a0", "points": " 5 ", "decay_days": "007.50"},
    ),
    edited("both signs and none", GRID, EVENT, {"points": "-.5"}),
    edited("no points", GRID, EVENT, {"points": "+0"}),
    edited(
        "dangerous text",
        GRID,
        EVENT,
        {"label": "'; drop table leads; --", "note": "{{ 1/0 }} {% raw %} ${HOME} ../../etc/passwd"},
    ),
    edited("property", GRID, PATH, asks("Properties.Team size", "not_null", "")),
    edited("sizes of texts", GRID, PATH, asks("properties.a.b-c:d", "gte", "-1e3")),
    edited("count once per property", GRID, EVENT, {"count_once_per": "properties.Plan"}),
    edited("one day", GRID, EVENT, {"active_from": "2026-03-01", "active_to": "2026-03-01"}),
    edited("exactly all", GRID, STEP, {"decay_percent": "100"}),
    edited("weight of nothing", "subscore_bounds", {}, {"weight": "0", "min_points": "", "max_points": ""}),
    edited("share of the largest", MODELS, {}, {"normalisation": "sqrt", "raw_max": ""}),
    edited("scaled points", MODELS, {}, {"points_scaling": "Min_Max", "scaled_points_min": "-1", "scaled_points_max": "0"}),
    edited("audience by a property of its scores", AUDIENCE_CONDITIONS, {}, asks("Grade", "in", "A | B")),
    edited("list of another account", LISTS, {}, {"list_id": "lists/7 'a'"}),
    edited("destination that is off", "destinations", {}, {"is_on": "FALSE", "max_share": "1", "max_changes": "0"}),
    edited("suppression of a preset's kind", SUPPRESSIONS, {"kind": "excluded"}, {"name": "default"}),
    edited("preset that is off", "preset_point_grid", {}, {"points": "many", "kind": "evnt"}),
    edited("no more than none", GRID, FREQUENCY, {"min_count": "", "max_count": "0"}),
    added("row of commas", GRID, {}),
    added("empty line", "free_email_domains", {}),
]


def _second_default_among_presets(tables: Tables) -> list[Told]:
    own, preset = tables[MODELS][0], tables["preset_score_models"][3]
    preset["is_default"] = "true"
    words = "true for 2 score models"
    return [Told(MODELS, own, "is_default", words), Told("preset_score_models", preset, "is_default", words)]


PRESET = {"score_model": "pardot"}
PRESET_CASES = [
    edited(
        "points of a preset", "preset_point_grid", {**PRESET, "rule_id": "page_view"}, {"points": "1o"}, ("points", "1o is no")
    ),
    edited("axis of a preset", "preset_grade_scales", PRESET, {"axis": "profile"}, ("axis", "profile is no axis")),
    edited("group of a preset", "preset_rule_groups", PRESET, {"combine": "mean"}, ("combine", "mean is no combine")),
    edited(
        "segment of another preset",
        "preset_point_grid",
        {"kind": "shortcut"},
        {"target_segment": "hot"},
        ("target_segment", "hot is no segment; there is new, warm"),
    ),
    repeated("preset twice", "preset_score_models", PRESET, {}, (None, TWICE)),
    added(
        "one's own score model of the same name",
        MODELS,
        {
            **PRESET,
            "label": "Ours",
            "is_default": "false",
            "normalisation": "clamp",
            "score_min": "0",
            "score_max": "9",
            "trend_threshold": "1",
        },
        (None, "stands in preset_score_models.csv too"),
    ),
    Case("second default among the presets", _second_default_among_presets),
]


@pytest.mark.parametrize("case", PRESET_CASES, ids=lambda case: case.name)
def test_fault_of_a_preset_is_told(case: Case, configuration_with_presets: Configuration, tmp_path: Path) -> None:
    """The same as of one's own seeds, with the preset's file."""
    _assert_told(case, configuration_with_presets, tmp_path)


def test_presets_have_no_faults_and_may_be_extended(configuration_with_presets: Configuration) -> None:
    """All presets on; and one's own rows may name the score model of a preset."""
    assert configuration_with_presets.faults(_shipped()) == []
    tables = _shipped()
    tables[GRID].append({**_first(tables[GRID], PLAIN), **PRESET, "rule_group": ""})
    assert configuration_with_presets.faults(tables) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fault_is_told(case: Case, configuration: Configuration, tmp_path: Path) -> None:
    """The fault and nothing else is told, with the line of its row."""
    _assert_told(case, configuration, tmp_path)


OPTIONAL_MODEL = ("audiences", "destination_lists", "destination_fields")
"""Seeds whose rows may name a score model without being of one."""


def _assert_told(case: Case, configuration: Configuration, tmp_path: Path) -> None:
    tables = _shipped()
    expected = case.change(tables)
    lines = {seed: _write(tmp_path, seed, tables[seed]) for seed in tables}
    rows = configuration.faults(tables)
    assert len(rows) == len(expected), rows
    for told in expected:
        names = (
            {name: told.row.get(name) or None for name in ("score_model", "rule_id")}
            if told.row and told.seed not in OPTIONAL_MODEL
            else {}
        )
        row = next((row for row in rows if row["column_name"] == told.column and row.items() >= names.items()), None)
        assert row is not None, (told, rows)
        assert told.words in (row["reason"] or "")
        assert row["file"] == f"{told.seed}.csv"
        index = -1 if told.row is None else next(index for index, other in enumerate(tables[told.seed]) if other is told.row)
        assert seed_files.locate(row, tmp_path) == lines[told.seed][index + 1]


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case.name)
def test_sound_seeds_pass(case: Case, configuration: Configuration) -> None:
    """What looks odd but means something is not refused."""
    tables = _shipped()
    case.change(tables)
    assert configuration.faults(tables) == []


def test_shipped_seeds_have_no_faults(configuration: Configuration) -> None:
    """Neither the bytes nor the meaning of the seeds in the repository are faulty."""
    assert seed_files.check_files(SEEDS) == []
    assert configuration.faults(_shipped()) == []


def _write(folder: Path, seed: str, rows: list[Row]) -> list[int]:
    """Writes a seed with a cell of two lines in a comment-like place; the lines on which the header and each row begin."""
    path = folder / f"{seed}.csv"
    lines = [1]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS[seed], lineterminator="\n")
        writer.writeheader()
        for position, row in enumerate(rows):
            file.flush()
            lines.append(path.read_bytes().count(b"\n") + 1)
            broken = {"note": "two\nlines"} if position == 0 and "note" in row else {}
            writer.writerow({**row, **broken})
    return lines


# ---------------------------------------------------------------------------------------------------------------------
# Faults of bytes
# ---------------------------------------------------------------------------------------------------------------------


def _line(number: int, change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def changed(raw: bytes) -> bytes:
        lines = raw.split(b"\n")
        lines[number - 1] = change(lines[number - 1])
        return b"\n".join(lines)

    return changed


BYTES: list[tuple[str, str, Callable[[bytes], bytes], int | None, str | None, str]] = [
    # name, seed, change, line, column, words
    ("not UTF-8", "segments", _line(3, lambda line: line + b"\xe9"), 3, None, "is not UTF-8"),
    ("UTF-16", "segments", lambda raw: raw.decode().encode("utf-16"), 1, None, "is UTF-16"),
    ("NUL", "segments", _line(4, lambda line: line.replace(b",", b"\0,", 1)), 4, None, "NUL"),
    ("empty", "segments", lambda raw: b"", 1, None, "is empty"),
    ("empty lines only", "segments", lambda raw: b"\n\n", 1, None, "is empty"),
    ("one field too many", "segments", _line(2, lambda line: line + b","), 2, None, "9 fields, not 8"),
    ("one field too few", "seasons", _line(5, lambda line: line.rsplit(b",", 1)[0]), 5, None, "2 fields, not 3"),
    ("quote that does not close", "seasons", _line(3, lambda line: b'"' + line), 3, None, "a quote does not close"),
    ("text behind a quote", "seasons", _line(3, lambda line: b'"re"' + line), 3, None, "between a closing quote and the comma"),
    ("column missing", "seasons", _line(1, lambda line: b"industry,month"), 1, "label", "is missing"),
    ("column unknown", "segments", _line(1, lambda line: line + b",colour"), 1, "colour", "no such column"),
    (
        "column misspelt",
        "segments",
        _line(1, lambda line: line.replace(b"temperature", b"temperture")),
        1,
        "temperture",
        "nearest is temperature",
    ),
    ("column twice", "segments", _line(1, lambda line: line + b",rank"), 1, "rank", "named twice"),
    ("semicolons", "internal_domains", lambda raw: b"domain;note\nexample.com;x\n", 1, "domain;note", "no such column"),
    ("line ends mixed", "seasons", _line(4, lambda line: line + b"\r"), 4, None, "ends in another way"),
    (
        "empty line that ends otherwise",
        "seasons",
        lambda raw: raw.replace(b"\n", b"\r\n") + b"\n\n",
        16,
        None,
        "ends in another way",
    ),
    ("quoted comma behind a space", "seasons", _line(3, lambda line: b'retail, "1,x'), 3, None, "a quote does not close"),
    ("field lost in quotes behind a space", "seasons", _line(3, lambda line: b'retail, "1,x"'), 3, None, "2 fields, not 3"),
]


@pytest.mark.parametrize(
    ("seed", "change", "line", "column", "words"), [case[1:] for case in BYTES], ids=[case[0] for case in BYTES]
)
def test_fault_of_bytes_is_told(
    seed: str, change: Callable[[bytes], bytes], line: int | None, column: str | None, words: str, seeds_copy: Path
) -> None:
    """The file and line are told, of that file alone."""
    path = seeds_copy / f"{seed}.csv"
    path.write_bytes(change(path.read_bytes()))
    faults = seed_files.check_files(seeds_copy)
    assert {fault.file for fault in faults} == {path.name}
    assert any((fault.line, fault.column) == (line, column) and words in fault.reason for fault in faults), faults


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.replace(b"\n", b"\r\n"),
        lambda raw: raw.rstrip(b"\n"),
        lambda raw: raw + b"\n\n",
    ],
    ids=["byte order mark", "line ends of Windows", "no line end at the end", "empty lines at the end"],
)
def test_harmless_bytes_pass(change: Callable[[bytes], bytes], seeds_copy: Path) -> None:
    """What spreadsheets add is not refused."""
    for path in seeds_copy.glob("*.csv"):
        path.write_bytes(change(path.read_bytes()))
    assert seed_files.check_files(seeds_copy) == []


def test_missing_file_is_told(seeds_copy: Path) -> None:
    """A seed that is not there has no line."""
    (seeds_copy / "seasons.csv").unlink()
    (fault,) = seed_files.check_files(seeds_copy)
    assert (fault.file, fault.line) == ("seasons.csv", None)
    assert str(fault) == "seasons.csv: the file is missing"


@pytest.fixture
def seeds_copy(tmp_path: Path) -> Path:
    """The shipped seeds, free to be spoilt."""
    return Path(shutil.copytree(SEEDS, tmp_path / "seeds"))


# ---------------------------------------------------------------------------------------------------------------------
# The build
# ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def project_copy(tmp_path: Path) -> Path:
    """The project without what it built."""
    ignored = shutil.ignore_patterns(
        ".git", "target", "logs", "sample", "*.duckdb*", ".*_cache", "__pycache__", ".hypothesis", ".venv"
    )
    return Path(shutil.copytree(PROJECT, tmp_path / "it's a project", ignore=ignored))


def test_build_stops_at_a_fault(project_copy: Path, tmp_path: Path) -> None:
    """``dbt build`` fails, tells the rule in one line, and skips what scores."""
    tables = _shipped()
    rule = _first(tables[GRID], HALF_LIFE)
    rule["decay_days"] = "-7"
    _write(project_copy / "seeds", GRID, tables[GRID])
    done = _dbt(["build", "--select", "path:seeds", "path:models/staging/config", "int_scored_dates"], project_copy, tmp_path)
    assert done.returncode == 1, done.stdout
    assert f"point_grid.csv: {rule['score_model']} / {rule['rule_id']}: column decay_days: -7 is not above 0" in done.stdout
    assert "contradicts itself in 1 place:" in done.stdout
    statuses = {
        result["unique_id"].split(".")[2]: result["status"]
        for result in json.loads((tmp_path / "target" / "run_results.json").read_text())["results"]
    }
    assert statuses["assert_config_has_no_faults"] == "fail"
    assert statuses["int_scored_dates"] == "skipped"


def test_build_stops_at_a_preset_that_is_none(project_copy: Path, tmp_path: Path) -> None:
    """A misspelt name in the var is told, with the nearest there is, and nothing is scored."""
    select = ["--select", "path:seeds", "path:models/staging/config", "int_scored_dates"]
    done = _dbt(["build", *select], project_copy, tmp_path, ["hubspott", "pardot"])
    assert done.returncode == 1, done.stdout
    assert "the var lead_scoring_presets: hubspott is no preset; the nearest is hubspot" in done.stdout
    assert "contradicts itself in 1 place:" in done.stdout


def test_var_of_another_form_is_refused(project_copy: Path, tmp_path: Path) -> None:
    """A mapping is no list of names."""
    done = _dbt(["parse"], project_copy, tmp_path, {"pardot": True})
    assert done.returncode != 0
    assert "It takes a list of names, as [pardot, hubspot], or the word all." in done.stdout
