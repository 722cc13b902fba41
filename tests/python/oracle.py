"""An independent lead scorer in plain Python: the oracle that the SQL has to agree with.

It is written from docs/scoring.md, docs/interfaces.md and docs/design.md alone and shares no code with the models, so that
one misreading is not tested by itself. It follows the order of the specification: rows that exist, events, identity,
traits, rules, score. Clarity comes before speed; a few thousand leads take seconds.

Units: times are whole microseconds since 1970-01-01 UTC (``Micros``), dates are ``date.toordinal()`` numbers (``Day``) until
they are published, points are ``Decimal`` (never float). Null is ``None``.

    config = load_config(Path("seeds"))
    raw = load_raw(Path("data/sample"))
    result = score(config, raw, as_of_date=date(2026, 3, 10))
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
import re
import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

Micros = int
Day = int

# --------------------------------------------------------------------------------------------------------------------
# Numbers (scoring.md section 2)
# --------------------------------------------------------------------------------------------------------------------

EXACT = Context(prec=50, rounding=ROUND_HALF_UP)
"""Fifty digits, and every rounding half away from zero."""

ZERO = Decimal(0)
ONE = Decimal(1)
DAYS_PER_MONTH = Decimal("30.4375")
QUANTA = {places: Decimal(1).scaleb(-places) for places in (0, 1, 6, 12)}


def rounded(value: Decimal, places: int) -> Decimal:
    """``value`` rounded half away from zero to 0, 6 or 12 ``places``; never minus zero."""
    return EXACT.add(value.quantize(QUANTA[places], context=EXACT), ZERO)


def quotient(dividend: Decimal, divisor: Decimal) -> Decimal:
    """A division as the specification publishes it: rounded to 12 places, then to 6."""
    return rounded(rounded(EXACT.divide(dividend, divisor), 12), 6)


def clipped(value: Decimal, lowest: Decimal | None, highest: Decimal | None) -> Decimal:
    """``value`` within ``lowest``..``highest``; None is an open end."""
    if highest is not None and value > highest:
        value = highest
    if lowest is not None and value < lowest:
        value = lowest
    return value


@lru_cache(maxsize=100_000)
def factor(decay: str | None, decay_days: Decimal | None, decay_percent: Decimal | None, age: int) -> Decimal:
    """What is left of one point after ``age`` whole days, 0..1, rounded to 12 places (scoring.md section 5).

    ``decay`` is None or one of half_life, linear, step, step_compound, window; ``decay_days`` is in days, ``decay_percent``
    in percent. Raises ValueError for another decay.
    """
    with localcontext(EXACT):
        if decay is None:
            return rounded(ONE, 12)
        steps = math.floor(age / Fraction(decay_days))
        if decay == "half_life":
            exact = Decimal("0.5") ** (Decimal(age) / decay_days)
        elif decay == "linear":
            exact = max(ZERO, ONE - Decimal(age) / decay_days)
        elif decay == "step":
            exact = max(ZERO, ONE - decay_percent / 100 * steps)
        elif decay == "step_compound":
            exact = (ONE - decay_percent / 100) ** steps if steps else ONE
        elif decay == "window":
            exact = ONE if age < decay_days else ZERO
        else:
            raise ValueError(f"unknown decay {decay!r}")
        return rounded(exact, 12)


# --------------------------------------------------------------------------------------------------------------------
# Text (design.md "Text" and "E-mail")
# --------------------------------------------------------------------------------------------------------------------

WHITE_SPACE = "".join(
    map(chr, [*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000])
)
"""The Unicode property White_Space. ``str.strip()`` would also cut U+001C..U+001F."""
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
PLAIN_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


def trimmed(text: str) -> str:
    """``text`` without Unicode white space at both ends."""
    return text.strip(WHITE_SPACE)


def lowered(text: str) -> str:
    """``text`` in lower case by the simple, one to one mapping: no final sigma, and U+0130 becomes a plain i."""
    return "".join("i" if character == "\u0130" else character.lower() for character in text)


@lru_cache(maxsize=100_000)
def comparable(text: str) -> str:
    """``text`` as conditions and codes compare it: trimmed and in lower case."""
    return lowered(trimmed(text))


def not_blank(text: str | None) -> str | None:
    """``text`` as it came, or None where it is white space only."""
    return text if text is not None and trimmed(text) else None


def normalised_email(email: str | None) -> str | None:
    """The e-mail as a key: trimmed, NFC, lower case; without exactly one ``@`` the text as it came."""
    if email is None:
        return None
    candidate = lowered(unicodedata.normalize("NFC", email.strip(WHITE_SPACE + ZERO_WIDTH)))
    return candidate if candidate.count("@") == 1 else email


def plain_number(text: str) -> float | None:
    """``text`` in plain decimal notation as a double, else None."""
    return float(text) if PLAIN_DECIMAL.fullmatch(text) else None


def md5(text: str) -> str:
    """The hexadecimal md5 of the UTF-8 bytes of ``text``."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


# --------------------------------------------------------------------------------------------------------------------
# Time (scoring.md section 1)
# --------------------------------------------------------------------------------------------------------------------

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY: Day = EPOCH.date().toordinal()
DAY_MICROS: Micros = 86_400_000_000
YEAR_1: Micros = (date.min.toordinal() - EPOCH_DAY) * DAY_MICROS
YEAR_10000: Micros = (date.max.toordinal() + 1 - EPOCH_DAY) * DAY_MICROS


def micros(moment: datetime) -> Micros:
    """Microseconds since 1970 of a UTC ``moment``, with or without its zone."""
    return (moment.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


def moment(instant: Micros | None) -> datetime | None:
    """The UTC timestamp without zone of ``instant``; None also outside the years 1..9999."""
    if instant is None or not YEAR_1 <= instant < YEAR_10000:
        return None
    return (EPOCH + timedelta(microseconds=instant)).replace(tzinfo=None)


def published_date(day: Day | None) -> date | None:
    """The date of a day number."""
    return None if day is None else date.fromordinal(day)


class Calendar:
    """Turns instants into calendar dates of one time zone."""

    def __init__(self, zone: str) -> None:
        """``zone`` is an IANA name. Raises ZoneInfoNotFoundError for an unknown one."""
        self._zone = None if zone == "UTC" else ZoneInfo(zone)

    def day(self, instant: Micros) -> Day:
        """The day number of ``instant``."""
        if self._zone is None:
            return EPOCH_DAY + instant // DAY_MICROS
        return (EPOCH + timedelta(microseconds=instant)).astimezone(self._zone).toordinal()


def whole_months(start: date, end: date) -> int:
    """Complete calendar months from ``start`` to ``end``; the last day of a shorter month completes one."""
    months = (end.year - start.year) * 12 + end.month - start.month
    is_last_day = (end + timedelta(days=1)).month != end.month
    return months if end.day >= start.day or is_last_day else months - 1


# --------------------------------------------------------------------------------------------------------------------
# Configuration: the seeds (interfaces.md section 2)
# --------------------------------------------------------------------------------------------------------------------

SEEDS = (
    "point_grid",
    "point_grid_conditions",
    "rule_groups",
    "subscore_bounds",
    "score_models",
    "grade_scales",
    "segments",
    "next_actions",
    "event_types",
    "seasons",
    "free_email_domains",
    "internal_domains",
    "profile_fields",
    "tagged_links",
)
TAGS = ("utm_source", "utm_medium", "utm_campaign")
SUBSCORES = ("behaviour", "fit", "negative", "cycle", "manual")
GRADE_AXES = ("fit", "behaviour", "score")
STAGES = ("interest", "engagement", "exploration")
SeedRow = Mapping[str, Any]


class Condition(NamedTuple):
    """``field operator operand``; the operand is the trimmed text of the cell."""

    field: str
    operator: str
    operand: str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the point grid with all its conditions. Points are undecayed, windows and decay_days are in days."""

    score_model: str
    rule_id: str
    subscore: str
    kind: str
    label: str
    rule_group: str | None
    stage: str | None
    event_types: tuple[str, ...]
    conditions: tuple[Condition, ...]
    points: Decimal
    decay: str | None
    decay_days: Decimal | None
    decay_percent: Decimal | None
    decay_from: str | None
    count_once_per: str | None
    max_per_day: int | None
    max_points: Decimal | None
    window_days: int | None
    min_count: int | None
    max_count: int | None
    target_segment: str | None
    active_from: Day | None
    active_to: Day | None


class Bounds(NamedTuple):
    """The lowest and highest value of a group or subscore, in points; None is open."""

    lowest: Decimal | None
    highest: Decimal | None


class RuleGroup(NamedTuple):
    """How the rules of a group combine."""

    subscore: str
    combine: str
    bounds: Bounds


class ScoreModel(NamedTuple):
    """One scoring model: normalisation, cycle, trend and scaling parameters. raw_max None is the largest raw score there is."""

    score_model: str
    label: str
    is_default: bool
    normalisation: str
    raw_max: Decimal | None
    score_min: Decimal
    score_max: Decimal
    cycle_points: Decimal | None
    cycle_min_orders: int
    cycle_grace: Decimal
    cycle_max_cv: Decimal | None
    season_points: Decimal | None
    trend_threshold: Decimal
    points_scaling: str | None
    scaled_points_min: Decimal | None
    scaled_points_max: Decimal | None


class Segment(NamedTuple):
    """A band of the integer score; lower_bound None is the lowest band."""

    segment: str
    label: str
    rank: Decimal
    lower_bound: Decimal | None
    temperature: str


class TaggedLink(NamedTuple):
    """What was clicked when a page bears these tags; None is any."""

    tags: tuple[str | None, str | None, str | None]
    event_type: str


class EventType(NamedTuple):
    """What an event type is."""

    category: str | None
    is_engagement: bool
    is_machine: bool


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that people edit. Dictionaries are keyed by score model, or (score model, code)."""

    rules: tuple[Rule, ...]
    rule_groups: Mapping[tuple[str, str], RuleGroup]
    subscore_bounds: Mapping[tuple[str, str], Bounds]
    subscore_weights: Mapping[tuple[str, str], Decimal]
    score_models: Mapping[str, ScoreModel]
    grade_scales: Mapping[tuple[str, str], tuple[tuple[Decimal, str], ...]]
    segments: Mapping[str, tuple[Segment, ...]]
    next_actions: tuple[SeedRow, ...]
    event_types: Mapping[str, EventType]
    seasons: frozenset[tuple[str, int]]
    free_email_domains: frozenset[str]
    internal_domains: frozenset[str]
    profile_fields: tuple[str, ...]
    tagged_links: tuple[TaggedLink, ...] = ()

    @property
    def default_model(self) -> ScoreModel:
        """The score model that is_default; the first one where none is."""
        models = list(self.score_models.values())
        return next((model for model in models if model.is_default), models[0])


def load_config(seeds_dir: Path | str, presets: Sequence[str] | Literal["all"] = ()) -> Config:
    """Read the seed CSVs of ``seeds_dir``, and of its folder ``presets`` (``preset_<seed>.csv``) the score models ``presets``.

    A missing file is an empty seed. Raises UnicodeDecodeError for bytes that are not UTF-8, ValueError or
    decimal.InvalidOperation for a cell that does not cast, KeyError for a missing required column, LookupError for a preset
    that is none.
    """
    folder = Path(seeds_dir)
    shipped = {seed: _rows_of(folder / "presets" / f"preset_{seed}.csv") for seed in SEEDS}
    names = {trimmed(row["score_model"]) for row in shipped["score_models"]}
    chosen = names if presets == "all" else set(presets)
    if chosen - names:
        raise LookupError(f"no presets: {sorted(chosen - names)}")
    tables = {
        seed: [*_rows_of(folder / f"{seed}.csv"), *(row for row in shipped[seed] if trimmed(row["score_model"]) in chosen)]
        for seed in SEEDS
    }
    return config_from_rows(**tables)


def config_from_rows(**tables: Iterable[SeedRow]) -> Config:
    """Build a Config from rows of cells, one keyword argument per seed; cells may be text, numbers or None.

    Raises the same as ``load_config``, and TypeError for an unknown seed.
    """
    unknown = set(tables) - set(SEEDS)
    if unknown:
        raise TypeError(f"unknown seeds: {sorted(unknown)}")
    rows = {seed: [_cells(row) for row in tables.get(seed, ())] for seed in SEEDS}
    conditions: dict[tuple[str, str], list[Condition]] = defaultdict(list)
    for row in rows["point_grid_conditions"]:
        conditions[row["score_model"], row["rule_id"]].append(_condition(row))
    segments: dict[str, list[Segment]] = defaultdict(list)
    for row in rows["segments"]:
        segments[row["score_model"]].append(
            Segment(row["segment"], row.get("label"), Decimal(row["rank"]), _decimal(row, "lower_bound"), row["temperature"])
        )
    scales: dict[tuple[str, str], list[tuple[Decimal, str]]] = defaultdict(list)
    for row in rows["grade_scales"]:
        scales[row["score_model"], lowered(row["axis"])].append((Decimal(row["lower_bound"]), row["grade"]))
    return Config(
        rules=tuple(_rule(row, conditions[row["score_model"], row["rule_id"]]) for row in rows["point_grid"]),
        rule_groups={
            (row["score_model"], row["rule_group"]): RuleGroup(
                lowered(row["subscore"]), lowered(row.get("combine") or "sum"), _bounds(row)
            )
            for row in rows["rule_groups"]
        },
        subscore_bounds={(row["score_model"], lowered(row["subscore"])): _bounds(row) for row in rows["subscore_bounds"]},
        subscore_weights={
            (row["score_model"], lowered(row["subscore"])): Decimal(row["weight"])
            for row in rows["subscore_bounds"]
            if row.get("weight") is not None
        },
        score_models={row["score_model"]: _score_model(row) for row in rows["score_models"]},
        grade_scales={key: tuple(sorted(scale)) for key, scale in scales.items()},
        segments={model: tuple(bands) for model, bands in segments.items()},
        next_actions=tuple(rows["next_actions"]),
        event_types={
            lowered(row["event_type"]): EventType(row.get("category"), _flag(row, "is_engagement"), _flag(row, "is_machine"))
            for row in rows["event_types"]
        },
        seasons=frozenset((lowered(row["industry"]), int(row["month"])) for row in rows["seasons"]),
        free_email_domains=frozenset(lowered(row["domain"]) for row in rows["free_email_domains"]),
        internal_domains=frozenset(lowered(row["domain"]) for row in rows["internal_domains"]),
        profile_fields=tuple(row["field"] for row in rows["profile_fields"]),
        tagged_links=tuple(
            TaggedLink(tuple(_code(row, column) for column in TAGS), lowered(row["event_type"])) for row in rows["tagged_links"]
        ),
    )


def _rows_of(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV; none where there is no file."""
    if not file.exists():
        return []
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _cells(row: SeedRow) -> dict[str, str | None]:
    """Trimmed cells; blank ones are None."""
    return {column: (trimmed(str(cell)) or None) if cell is not None else None for column, cell in row.items()}


def _decimal(row: SeedRow, column: str) -> Decimal | None:
    return None if row.get(column) is None else Decimal(row[column])


def _integer(row: SeedRow, column: str) -> int | None:
    return None if row.get(column) is None else int(row[column])


def _day(row: SeedRow, column: str) -> Day | None:
    return None if row.get(column) is None else date.fromisoformat(row[column]).toordinal()


def _code(row: SeedRow, column: str) -> str | None:
    return None if row.get(column) is None else lowered(row[column])


def _flag(row: SeedRow, column: str) -> bool:
    return (row.get(column) or "").lower() in ("true", "t", "yes", "y", "1")


def _bounds(row: SeedRow) -> Bounds:
    return Bounds(_decimal(row, "min_points"), _decimal(row, "max_points"))


def _condition(row: SeedRow) -> Condition:
    return Condition(row["field"], lowered(row["operator"]), row.get("operand"))


def _score_model(row: SeedRow) -> ScoreModel:
    return ScoreModel(
        score_model=row["score_model"],
        label=row.get("label"),
        is_default=_flag(row, "is_default"),
        normalisation=lowered(row["normalisation"]),
        raw_max=_decimal(row, "raw_max"),
        score_min=Decimal(row["score_min"]),
        score_max=Decimal(row["score_max"]),
        cycle_points=_decimal(row, "cycle_points"),
        cycle_min_orders=3 if row.get("cycle_min_orders") is None else int(row["cycle_min_orders"]),
        cycle_grace=ONE if row.get("cycle_grace") is None else Decimal(row["cycle_grace"]),
        cycle_max_cv=_decimal(row, "cycle_max_cv"),
        season_points=_decimal(row, "season_points"),
        trend_threshold=Decimal(row["trend_threshold"]),
        points_scaling=_code(row, "points_scaling"),
        scaled_points_min=_decimal(row, "scaled_points_min"),
        scaled_points_max=_decimal(row, "scaled_points_max"),
    )


def _rule(row: SeedRow, further: Sequence[Condition]) -> Rule:
    own = [_condition(row)] if row.get("field") is not None else []
    return Rule(
        score_model=row["score_model"],
        rule_id=row["rule_id"],
        subscore=_code(row, "subscore"),
        kind=_code(row, "kind"),
        label=row.get("label") or row["rule_id"],
        rule_group=row.get("rule_group"),
        stage=_code(row, "stage"),
        event_types=tuple(comparable(code) for code in (row.get("event_type") or "").split("|") if trimmed(code)),
        conditions=(*own, *further),
        points=_decimal(row, "points") or ZERO,
        decay=_code(row, "decay"),
        decay_days=_decimal(row, "decay_days"),
        decay_percent=_decimal(row, "decay_percent"),
        decay_from=_code(row, "decay_from"),
        count_once_per=row.get("count_once_per"),
        max_per_day=_integer(row, "max_per_day"),
        max_points=_decimal(row, "max_points"),
        window_days=_integer(row, "window_days"),
        min_count=_integer(row, "min_count"),
        max_count=_integer(row, "max_count"),
        target_segment=row.get("target_segment"),
        active_from=_day(row, "active_from"),
        active_to=_day(row, "active_to"),
    )


# --------------------------------------------------------------------------------------------------------------------
# Raw rows (interfaces.md section 1)
# --------------------------------------------------------------------------------------------------------------------

EVENT_TEXTS = (
    "email contact_id anonymous_id session_id page_path page_title referrer email_id link_url asset campaign utm_source"
    " utm_medium utm_campaign"
).split()

# Column order and types of each table; a star marks what has to be there.
RAW_TABLES: dict[str, dict[str, str]] = {
    "events": {
        "event_id": "text*",
        "event_type": "text*",
        "occurred_at": "time*",
        "loaded_at": "time*",
        "event_version": "int",
        "is_deleted": "boolean",
        **dict.fromkeys(EVENT_TEXTS, "text"),
        "duration_seconds": "double",
        "amount": "double",
        "properties": "text",
    },
    "contacts": {
        "contact_id": "text*",
        "email": "text",
        "loaded_at": "time*",
        "created_at": "time*",
        "updated_at": "time*",
        **dict.fromkeys("anonymous_id first_name last_name company company_domain job_title seniority".split(), "text"),
        **dict.fromkeys("department industry country city".split(), "text"),
        "employee_count": "int",
        "annual_revenue": "double",
        **dict.fromkeys("lead_source persona phone".split(), "text"),
        "age": "int",
        "cycle_months": "int",
        "is_email_opted_out": "boolean",
        "has_marketing_consent": "boolean",
        "consented_at": "time",
        "owner": "text",
        "lifecycle_stage": "text",
        "enriched_at": "time",
    },
    "accounts": {
        "company_domain": "text*",
        "name": "text",
        "industry": "text",
        "country": "text",
        "employee_count": "int",
        "annual_revenue": "double",
        "updated_at": "time*",
        "loaded_at": "time*",
    },
    "identity_links": {
        "contact_id": "text*",
        "merged_into_contact_id": "text*",
        "occurred_at": "time*",
        "loaded_at": "time*",
    },
    "adjustments": {
        "adjustment_id": "text*",
        "email": "text",
        "contact_id": "text",
        "score_model": "text*",
        "points": "decimal*",
        "reason": "text*",
        "author": "text*",
        "effective_on": "date*",
        "expires_on": "date",
        "loaded_at": "time*",
    },
    "outcomes": {
        "outcome_id": "text*",
        "email": "text",
        "contact_id": "text",
        "outcome": "text*",
        "reason": "text",
        "occurred_at": "time*",
        "loaded_at": "time*",
        "amount": "double",
    },
    "erasures": {"email": "text", "contact_id": "text", "requested_at": "time*", "loaded_at": "time*"},
}
RawRow = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Raw:
    """The delivered rows of the source ``generic``: dictionaries with every column of RAW_TABLES.

    Blank text is None, times are Micros, dates are Day numbers, decimals are Decimal.
    """

    events: Sequence[RawRow] = ()
    contacts: Sequence[RawRow] = ()
    accounts: Sequence[RawRow] = ()
    identity_links: Sequence[RawRow] = ()
    adjustments: Sequence[RawRow] = ()
    outcomes: Sequence[RawRow] = ()
    erasures: Sequence[RawRow] = ()


def load_raw(raw_dir: Path | str, sources: Sequence[str] = ("generic",)) -> Raw:
    """Read ``<raw_dir>/generic/<table>.parquet`` or ``<table>/*.parquet``; a missing table is an empty one.

    Raises ValueError for another source and for a missing required column.
    """
    if set(sources) - {"generic"}:
        raise ValueError(f"the oracle reads the source generic only, not {sorted(set(sources) - {'generic'})}")
    folder = Path(raw_dir) / "generic"
    tables = {}
    for table in RAW_TABLES:
        files = [folder / f"{table}.parquet"] if (folder / f"{table}.parquet").is_file() else []
        files += sorted((folder / table).glob("*.parquet"))
        tables[table] = [row for file in files for row in _parquet_rows(file, table)] if "generic" in sources else []
    return raw_from_rows(**tables)


def _parquet_rows(file: Path, table: str) -> list[RawRow]:
    """Rows of one file; times come as Micros, for a Parquet timestamp reaches further than a datetime."""
    import pyarrow
    import pyarrow.parquet

    data = pyarrow.parquet.ParquetFile(file).read()
    missing = [name for name, kind in RAW_TABLES[table].items() if kind.endswith("*") and name not in data.column_names]
    if missing:
        raise ValueError(f"{file}: required column {missing[0]} is missing")
    columns = {}
    for name in data.column_names:
        column = data.column(name)
        if pyarrow.types.is_timestamp(column.type):
            column = column.cast(pyarrow.timestamp("us", column.type.tz), safe=False).cast(pyarrow.int64())
        columns[name] = column.to_pylist()
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def raw_from_rows(**tables: Iterable[Mapping[str, Any]]) -> Raw:
    """Build Raw from rows with any of their columns; times may be datetime (UTC), dates may be date.

    Raises TypeError for an unknown table or column.
    """
    return Raw(**{table: [_raw_row(row, RAW_TABLES[table]) for row in rows] for table, rows in tables.items()})


def _raw_row(row: Mapping[str, Any], columns: Mapping[str, str]) -> RawRow:
    unknown = set(row) - set(columns) - {"source"}
    if unknown:
        raise TypeError(f"unknown columns: {sorted(unknown)}")
    return {column: _raw_value(row.get(column), kind.rstrip("*")) for column, kind in columns.items()}


def _raw_value(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "text":
        return not_blank(value)
    if kind == "time":
        return micros(value) if isinstance(value, datetime) else value
    if kind == "date":
        return value.toordinal() if isinstance(value, date) else value
    if kind == "decimal":
        return Decimal(value)
    return value


def known_rows(rows: Iterable[RawRow], known_at: Micros | None) -> list[RawRow]:
    """The rows that exist: with ``known_at`` those loaded at or before it (a null loaded_at never was)."""
    if known_at is None:
        return list(rows)
    return [row for row in rows if row["loaded_at"] is not None and row["loaded_at"] <= known_at]


def row_order(row: RawRow, columns: Iterable[str]) -> tuple:
    """A sort key over ``columns`` in their order, null first."""
    return tuple((row[column] is not None, row[column]) for column in columns)


# --------------------------------------------------------------------------------------------------------------------
# Events that exist (scoring.md section 3, design.md "Quarantine of events" and "Which delivery wins")
# --------------------------------------------------------------------------------------------------------------------

TIE_BREAKERS = (
    "loaded_at occurred_at event_type page_path amount properties email contact_id anonymous_id session_id page_title referrer"
    " email_id link_url asset campaign utm_source utm_medium utm_campaign duration_seconds"
).split()
CONTENT = [column for column in TIE_BREAKERS if column != "loaded_at"] + ["is_deleted"]


@dataclass(slots=True)
class Event:
    """One accepted event. ``day`` is its date in the scoring time zone."""

    event_key: str
    occurred_at: Micros
    day: Day
    event_type: str
    row: RawRow
    _keys: dict[str, str | None] | None = None

    def value(self, name: str) -> Hashable:
        """A field by the name that a rule uses; ``properties.<key>`` is one literal key, read as text."""
        if name.startswith("properties."):
            if self._keys is None:
                self._keys = property_texts(self.row["properties"])
            return self._keys.get(name.removeprefix("properties."))
        return "generic" if name == "source" else self.row[name]


class EventStatus(NamedTuple):
    """What became of one delivered event row; ``row_number`` counts from 0 in the order of Raw.events.

    status: accepted, duplicate, deleted, quarantined, erased or unknown (loaded after known_at).
    """

    row_number: int
    event_id: str | None
    event_key: str | None
    loaded_at: datetime | None
    status: str
    reason: str | None
    lead_id: str | None


class Conflict(NamedTuple):
    """A duplicate whose content differs from the winner's; a lower version than the winner's is no contradiction."""

    event_key: str
    winner_row_number: int
    loser_row_number: int
    is_same_version: bool


def property_texts(properties: str | None) -> dict[str, str | None]:
    """The keys of a JSON object with their values as text; anything that is no JSON object has none."""
    if properties is None:
        return {}
    try:
        parsed = json.loads(properties, parse_constant=_no_json_constant)
    except ValueError:
        return {}
    if not isinstance(parsed, dict):
        return {}
    return {key: not_blank(_json_text(value)) for key, value in parsed.items()}


def _no_json_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _json_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def quarantine_reason(row: RawRow, event_types: Mapping[str, EventType]) -> str | None:
    """The first reason why ``row`` cannot be read as an event, or None. ``unreadable_<column>`` is not for typed files."""
    occurred_at, loaded_at = row["occurred_at"], row["loaded_at"]
    duration, amount = row["duration_seconds"], row["amount"]
    if row["event_id"] is None:
        return "missing_event_id"
    if row["event_type"] is None:
        return "missing_event_type"
    if comparable(row["event_type"]) not in event_types:
        return "unknown_event_type"
    if occurred_at is None:
        return "missing_occurred_at"
    if loaded_at is None:
        return "missing_loaded_at"
    if not (0 <= occurred_at < YEAR_10000 and 0 <= loaded_at < YEAR_10000):
        return "impossible_time"
    if occurred_at > loaded_at + DAY_MICROS:
        return "future_event"
    if row["email"] is None and row["contact_id"] is None and row["anonymous_id"] is None:
        return "no_identity"
    if duration is not None and duration < 0:
        return "negative_duration"
    if duration is not None and not (math.isfinite(duration) and duration < 1e9):
        return "impossible_number"
    if amount is not None and not (math.isfinite(amount) and abs(amount) < 1e12):
        return "impossible_number"
    return None


def winning_order(row: RawRow) -> tuple:
    """A sort key over deliveries of one event: the smallest wins."""
    return (-(row["event_version"] or 0), row_order(row, TIE_BREAKERS), bool(row["is_deleted"]))


@dataclass(slots=True)
class Intake:
    """The event rows sorted out. Lists are parallel to the delivered rows; None where there is nothing to say."""

    statuses: list[str]
    reasons: list[str | None]
    keys: list[str | None]
    events: dict[int, Event]
    conflicts: list[Conflict]
    erased_events: list[Event]
    """What erased people did, as evidence of whose browser it was."""


def sort_out_events(
    rows: Sequence[RawRow],
    event_types: Mapping[str, EventType],
    calendar: Calendar,
    known_at: Micros | None,
    erased_rows: frozenset[int] = frozenset(),
) -> Intake:
    """Accepted, duplicate, deleted, quarantined, erased or unknown; ``events`` maps the row number of each accepted event.

    ``erased_rows`` are the numbers of the rows that name an erased person: they take part in nothing but the evidence.
    """
    intake = Intake([], [], [], {}, [], [])
    deliveries: dict[str, list[int]] = defaultdict(list)
    rows = [_canonical_event(row) for row in rows]
    for number, row in enumerate(rows):
        key = None if row["event_id"] is None else f"generic:{row['event_id']}"
        is_known = known_at is None or (row["loaded_at"] is not None and row["loaded_at"] <= known_at)
        reason = quarantine_reason(row, event_types) if is_known else None
        intake.keys.append(key)
        intake.reasons.append(reason)
        if is_known and number in erased_rows:
            intake.statuses.append("erased")
            if not reason:
                day = calendar.day(row["occurred_at"])
                intake.erased_events.append(Event(key, row["occurred_at"], day, row["event_type"], row))
            continue
        intake.statuses.append("duplicate" if is_known and not reason else "quarantined" if is_known else "unknown")
        if is_known and not reason:
            deliveries[key].append(number)
    for key, numbers in deliveries.items():
        winner = min(numbers, key=lambda number: winning_order(rows[number])) if len(numbers) > 1 else numbers[0]
        row = rows[winner]
        intake.statuses[winner] = "deleted" if row["is_deleted"] else "accepted"
        if not row["is_deleted"]:
            intake.events[winner] = Event(key, row["occurred_at"], calendar.day(row["occurred_at"]), row["event_type"], row)
        intake.conflicts += _conflicts(key, rows, winner, numbers)
    return intake


def _canonical_event(row: RawRow) -> RawRow:
    event_type = row["event_type"]
    return {
        **row,
        "event_type": event_type and comparable(event_type),
        "is_deleted": bool(row["is_deleted"]),
        "email": normalised_email(row["email"]),
    }


def _conflicts(key: str, rows: Sequence[RawRow], winner: int, numbers: Iterable[int]) -> list[Conflict]:
    content = [rows[winner][column] for column in CONTENT]
    version = rows[winner]["event_version"] or 0
    return [
        Conflict(key, winner, number, (rows[number]["event_version"] or 0) == version)
        for number in numbers
        if number != winner and [rows[number][column] for column in CONTENT] != content
    ]


# --------------------------------------------------------------------------------------------------------------------
# Identity: which lead a row belongs to (scoring.md section 3, design.md "Contacts")
# --------------------------------------------------------------------------------------------------------------------

CONTACT_COLUMNS = tuple(RAW_TABLES["contacts"])


class Identity:
    """The map from e-mails, contact ids and anonymous ids to leads."""

    def __init__(self, contacts: Sequence[RawRow], links: Sequence[RawRow], events: Iterable[Event]) -> None:
        """``contacts`` are all known versions with their required columns, ``events`` the accepted ones."""
        self.emails: dict[str, str] = {}
        """The e-mail that a lead_id is made of."""
        self._merged_into = _latest_links(links)
        self._roots: dict[str, str] = {}
        versions: dict[str, list[RawRow]] = defaultdict(list)
        for row in contacts:
            versions[row["contact_id"]].append(row)
        self._group_emails = self._emails_of_groups(versions)
        self._emails_in_use = set(self._group_emails.values())
        self.former_emails = self._leads_of_former_emails(contacts)
        """E-mail that no group bears any more -> the lead it leads to."""
        self._evidence = self._collect_evidence(contacts, events)

    def lead_of(
        self, email: str | None, contact_id: str | None, anonymous_id: str | None = None, occurred_at: Micros | None = None
    ) -> str | None:
        """The lead by e-mail, else contact id, else anonymous id at ``occurred_at`` (None: its first identification)."""
        if email is not None:
            return self._lead_of_email(normalised_email(email))
        if contact_id is not None:
            return self.lead_of_contact(contact_id)
        evidence = self._evidence.get(anonymous_id) if anonymous_id is not None else None
        if not evidence:
            return None
        times, leads = evidence
        position = bisect_right(times, occurred_at) - 1 if occurred_at is not None else 0
        return leads[max(position, 0)]

    def lead_of_contact(self, contact_id: str) -> str:
        """The lead of a contact id, merges followed, whether or not there is such a contact row."""
        root = self.root(contact_id)
        email = self._group_emails.get(root)
        return self._email_lead(email) if email is not None else md5(f"contact:generic:{root}")

    def _email_lead(self, email: str) -> str:
        lead_id = md5(f"email:{email}")
        self.emails[lead_id] = email
        return lead_id

    def _lead_of_email(self, email: str) -> str:
        return self.former_emails.get(email) or self._email_lead(email)

    def root(self, contact_id: str) -> str:
        """The end of the chain of merges; of a cycle the smallest id."""
        if contact_id not in self._roots:
            path = [contact_id]
            while (target := self._merged_into.get(path[-1])) is not None and target not in path:
                path.append(target)
            self._roots[contact_id] = path[-1] if target is None else min(path[path.index(target) :])
        return self._roots[contact_id]

    def _emails_of_groups(self, versions: Mapping[str, Sequence[RawRow]]) -> dict[str, str]:
        """Root -> e-mail of its group, where it has one."""
        members: dict[str, list[tuple[Micros, str, str]]] = defaultdict(list)
        for contact_id, rows in versions.items():
            email = _identity_email(rows)
            if email is not None:
                members[self.root(contact_id)].append((-max(row["updated_at"] for row in rows), contact_id, email))
        return {
            root: next((email for _, contact_id, email in bearers if contact_id == root), min(bearers)[2])
            for root, bearers in members.items()
        }

    def _leads_of_former_emails(self, contacts: Sequence[RawRow]) -> dict[str, str]:
        """E-mail that no group bears any more -> lead of the contact whose version bore it last."""
        candidates: dict[str, tuple[Micros, str]] = {}
        for row in contacts:
            email = normalised_email(row["email"])
            if email is None or email in self._emails_in_use:
                continue
            candidate = (-row["updated_at"], self.lead_of_contact(row["contact_id"]))
            candidates[email] = min(candidate, candidates.get(email, candidate))
        return {email: lead_id for email, (_, lead_id) in candidates.items()}

    def _collect_evidence(self, contacts: Sequence[RawRow], events: Iterable[Event]) -> dict[str, tuple[list[Micros], list[str]]]:
        """Anonymous id -> parallel lists of the instants at which somebody identified on it, and of whom."""
        leads_at: dict[str, dict[Micros, str]] = defaultdict(dict)

        def note(anonymous_id: str, instant: Micros, lead_id: str) -> None:
            known = leads_at[anonymous_id].get(instant, lead_id)
            leads_at[anonymous_id][instant] = min(known, lead_id)

        for event in events:
            row = event.row
            if row["anonymous_id"] is not None and (row["email"] is not None or row["contact_id"] is not None):
                note(row["anonymous_id"], event.occurred_at, self.lead_of(row["email"], row["contact_id"]))
        for row in contacts:
            if row["anonymous_id"] is not None:
                note(row["anonymous_id"], row["created_at"], self.lead_of_contact(row["contact_id"]))
        return {
            anonymous_id: (sorted(leads), [leads[instant] for instant in sorted(leads)])
            for anonymous_id, leads in leads_at.items()
        }


def _latest_links(links: Iterable[RawRow]) -> dict[str, str]:
    """Contact id -> the contact it was last merged into."""
    latest: dict[str, tuple[Micros, Micros, str]] = {}
    for link in links:
        if None in link.values():
            continue
        candidate = (-link["occurred_at"], -link["loaded_at"], link["merged_into_contact_id"])
        latest[link["contact_id"]] = min(candidate, latest.get(link["contact_id"], candidate))
    return {contact_id: target for contact_id, (_, _, target) in latest.items()}


def _identity_email(rows: Iterable[RawRow]) -> str | None:
    """The normalised e-mail of the newest version of a contact that has one."""
    bearers = [(-row["updated_at"], -row["loaded_at"], normalised_email(row["email"])) for row in rows if row["email"]]
    return min(bearers)[2] if bearers else None


def is_readable_contact(row: RawRow) -> bool:
    """Whether the required columns of a contact version are there, with times in the years 1..9999."""
    times = (row["created_at"], row["updated_at"], row["loaded_at"])
    return row["contact_id"] is not None and all(time is not None and YEAR_1 <= time < YEAR_10000 for time in times)


# --------------------------------------------------------------------------------------------------------------------
# Leads and their traits (scoring.md section 8, design.md "Version of a contact", "Derived traits")
# --------------------------------------------------------------------------------------------------------------------

CONTACT_FIELDS: dict[str, str] = {
    **dict.fromkeys("first_name last_name company company_domain job_title seniority department industry".split(), "text"),
    **dict.fromkeys("country city".split(), "text"),
    **dict.fromkeys("employee_count annual_revenue".split(), "number"),
    **dict.fromkeys("lead_source persona phone".split(), "text"),
    **dict.fromkeys("age cycle_months".split(), "number"),
    **dict.fromkeys("is_email_opted_out has_marketing_consent".split(), "boolean"),
    "consented_at": "date",
    **dict.fromkeys("owner lifecycle_stage".split(), "text"),
    "enriched_at": "date",
    "created_at": "date",
}
ACCOUNT_FIELDS: dict[str, str] = {
    **dict.fromkeys("account_name account_industry account_country".split(), "text"),
    **dict.fromkeys("account_employee_count account_annual_revenue".split(), "number"),
}
DERIVED_NUMBERS = (
    "email_open_rate email_click_rate session_count bounce_rate avg_session_seconds pages_per_session page_view_count"
    " distinct_page_count form_submission_count days_since_last_activity days_since_last_order order_count"
    " profile_completeness"
).split()
TRAIT_KINDS: dict[str, str] = {
    "email": "text",
    "email_domain": "text",
    **CONTACT_FIELDS,
    **ACCOUNT_FIELDS,
    **dict.fromkeys(DERIVED_NUMBERS, "number"),
    **dict.fromkeys("clicked_last_3_emails is_free_email is_internal is_lapsed".split(), "boolean"),
}
"""The fields that conditions of attribute and exclude rules may name, with the kind that decides how they compare."""
EVENT_FIELD_KINDS: dict[str, str] = {
    **dict.fromkeys(("source", *EVENT_TEXTS), "text"),
    "duration_seconds": "number",
    "amount": "number",
}


@dataclass(slots=True)
class Lead:
    """Everything known of one person. ``events`` are in the order (occurred_at, event_key)."""

    lead_id: str
    email: str | None
    contacts: dict[str, list[RawRow]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    first_seen: Day | None = None
    engagement_days: list[Day] = field(default_factory=list)
    order_days: list[Day] = field(default_factory=list)
    adjustments: list[RawRow] = field(default_factory=list)

    def last_activity(self, day: Day) -> Day | None:
        """The latest engagement up to ``day``."""
        return _last_up_to(self.engagement_days, day)


def _last_up_to(days: Sequence[Day], day: Day) -> Day | None:
    position = bisect_right(days, day)
    return days[position - 1] if position else None


def version_on(versions: Sequence[RawRow], columns: Sequence[str], day: Day, calendar: Calendar) -> RawRow:
    """The newest version updated on or before ``day``, else the earliest; ties: loaded last, then the larger row."""

    def tie(row: RawRow) -> tuple:
        return (row["loaded_at"], row_order(row, columns))

    if len(versions) == 1:
        return versions[0]
    past = [row for row in versions if calendar.day(row["updated_at"]) <= day]
    if past:
        return max(past, key=lambda row: (row["updated_at"], *tie(row)))
    return max(versions, key=lambda row: (-row["updated_at"], *tie(row)))


class Accounts:
    """Accounts by domain, as they were on a date."""

    def __init__(self, rows: Iterable[RawRow], calendar: Calendar) -> None:
        """Rows without domain, updated_at or loaded_at are left out."""
        self._calendar = calendar
        self._versions: dict[str, list[RawRow]] = defaultdict(list)
        for row in rows:
            if None not in (row["company_domain"], row["updated_at"], row["loaded_at"]):
                self._versions[comparable(row["company_domain"])].append(row)

    def on(self, company_domain: str | None, day: Day) -> RawRow | None:
        """The account of ``company_domain`` on ``day``."""
        versions = self._versions.get(comparable(company_domain)) if company_domain else None
        return version_on(versions, tuple(RAW_TABLES["accounts"]), day, self._calendar) if versions else None


class Traits:
    """What is known of one lead on one scored date; values are computed when a condition asks for them.

    Text is as it came, numbers are int, float or Decimal, dates are ``date``.
    """

    def __init__(self, lead: Lead, day: Day, scorer: Scorer) -> None:
        """``day`` is the scored date."""
        self.lead = lead
        self.day = day
        self._scorer = scorer
        self._values: dict[str, Any] = {}
        self._cycles: dict[tuple, Cycle] = {}
        picked = [version_on(rows, CONTACT_COLUMNS, day, scorer.calendar) for rows in lead.contacts.values()]
        self.versions = sorted(picked, key=lambda row: (-row["updated_at"], row["contact_id"]))
        """One version per contact, the most recently updated first."""

    def value(self, name: str) -> Any:
        """The trait ``name`` (but ``is_lapsed``, which belongs to a score model). Raises AttributeError for an unknown one."""
        if name not in self._values:
            self._values[name] = self._compute(name)
        return self._values[name]

    def contact_field(self, name: str) -> Any:
        """A column of the contacts as delivered: of the most recently updated contact in which it is not null."""
        if name == "is_email_opted_out" and any(row[name] for row in self.versions):
            return True
        return next((row[name] for row in self.versions if row[name] is not None), None)

    def cycle(self, model: ScoreModel) -> Cycle:
        """The purchase cycle under the parameters of ``model``."""
        parameters = (model.cycle_min_orders, model.cycle_grace, model.cycle_max_cv)
        if parameters not in self._cycles:
            orders = self.lead.order_days[: bisect_right(self.lead.order_days, self.day)]
            self._cycles[parameters] = purchase_cycle(self.value("cycle_months"), orders, self.day, model)
        return self._cycles[parameters]

    def _compute(self, name: str) -> Any:
        if name in CONTACT_FIELDS:
            value = self.contact_field(name)
            if CONTACT_FIELDS[name] == "date" and value is not None:
                return published_date(self._scorer.calendar.day(value))
            return value
        if name in ACCOUNT_FIELDS:
            account = self._scorer.accounts.on(self.value("company_domain"), self.day)
            return account and account[name.removeprefix("account_")]
        return getattr(self, f"_{name}")()

    def _email(self) -> str | None:
        return self.lead.email

    def _domain(self) -> str | None:
        """What follows the one ``@``, or None where there is not exactly one."""
        email = self.lead.email
        return email.partition("@")[2] if email is not None and email.count("@") == 1 else None

    def _email_domain(self) -> str | None:
        return not_blank(self._domain())

    def _is_free_email(self) -> bool | None:
        domain = self._domain()
        return None if domain is None else domain in self._scorer.config.free_email_domains

    def _is_internal(self) -> bool | None:
        domain = self._domain()
        return None if domain is None else domain in self._scorer.config.internal_domains

    def _profile_completeness(self) -> Decimal | None:
        fields = self._scorer.config.profile_fields
        return _share(sum(self.value(name) is not None for name in fields), len(fields))

    @cached_property
    def _window(self) -> list[Event]:
        """The lead's events with 0 <= age < the trait window."""
        oldest = self.day - self._scorer.trait_window_days + 1
        return [event for event in self.lead.events if oldest <= event.day <= self.day]

    def _in_window(self, event_type: str) -> list[Event]:
        return [event for event in self._window if event.event_type == event_type]

    def _email_ids(self, event_type: str) -> set[str]:
        return {event.row["email_id"] for event in self._in_window(event_type) if event.row["email_id"] is not None}

    def _email_open_rate(self) -> Decimal | None:
        delivered = self._email_ids("email_delivered")
        return _share(len(delivered & self._email_ids("email_opened")), len(delivered))

    def _email_click_rate(self) -> Decimal | None:
        delivered = self._email_ids("email_delivered")
        return _share(len(delivered & self._email_ids("email_clicked")), len(delivered))

    def _clicked_last_3_emails(self) -> bool:
        delivered_at: dict[str, Micros] = {}
        for event in self._in_window("email_delivered"):
            if event.row["email_id"] is not None:
                delivered_at[event.row["email_id"]] = event.occurred_at
        latest = sorted(delivered_at, key=lambda email_id: (-delivered_at[email_id], email_id))[:3]
        return len(latest) == 3 and self._email_ids("email_clicked").issuperset(latest)

    @cached_property
    def _sessions(self) -> list[list[Event]]:
        """The events of each session of the window; what machines did is no part of one."""
        sessions: dict[str, list[Event]] = defaultdict(list)
        for event in self._window:
            if event.row["session_id"] is not None and not self._scorer.config.event_types[event.event_type].is_machine:
                sessions[event.row["session_id"]].append(event)
        return list(sessions.values())

    def _session_count(self) -> int:
        return len(self._sessions)

    def _bounce_rate(self) -> Decimal | None:
        return _share(sum(_page_views(events) == 1 for events in self._sessions), len(self._sessions))

    def _avg_session_seconds(self) -> Decimal | None:
        return _share(sum(map(_session_seconds, self._sessions), ZERO), len(self._sessions))

    def _pages_per_session(self) -> Decimal | None:
        return _share(sum(map(_page_views, self._sessions)), len(self._sessions))

    def _page_view_count(self) -> int:
        return len(self._in_window("page_viewed"))

    def _distinct_page_count(self) -> int:
        return len({event.row["page_path"] for event in self._in_window("page_viewed")} - {None})

    def _form_submission_count(self) -> int:
        return len(self._in_window("form_submitted"))

    def _order_count(self) -> int:
        return len(self._in_window("order_completed"))

    def _days_since_last_activity(self) -> int | None:
        last = self.lead.last_activity(self.day)
        return None if last is None else self.day - last

    def _days_since_last_order(self) -> int | None:
        last = _last_up_to(self.lead.order_days, self.day)
        return None if last is None else self.day - last


def _share(part: int | Decimal, whole: int) -> Decimal | None:
    """``part / whole`` rounded to 12 places, then to 6; None without a denominator."""
    return quotient(Decimal(part), Decimal(whole)) if whole else None


def _page_views(events: Iterable[Event]) -> int:
    return sum(event.event_type == "page_viewed" for event in events)


def _session_seconds(events: Sequence[Event]) -> Decimal:
    """The larger of the time from the first to the last event and the sum of the durations, in seconds."""
    instants = [event.occurred_at for event in events]
    durations = [event.row["duration_seconds"] for event in events if event.row["duration_seconds"] is not None]
    elapsed = Decimal(max(instants) - min(instants)).scaleb(-6)
    return max(elapsed, sum((rounded(Decimal(repr(float(seconds))), 6) for seconds in durations), ZERO))


# --------------------------------------------------------------------------------------------------------------------
# Visits and tagged links (scoring.md section 3)
# --------------------------------------------------------------------------------------------------------------------


def with_visits(events: Sequence[Event], session_minutes: int) -> list[Event]:
    """The events of one lead in their order, each page view without a session in a visit named after its first page view."""
    browsers: dict[str | None, tuple[str, Micros, tuple | None]] = {}
    counted = []
    for event in events:
        row = event.row
        if event.event_type == "page_viewed" and row["session_id"] is None:
            tags = tuple(row[name] for name in TAGS)
            visit, last_at, campaign = browsers.get(row["anonymous_id"], (None, 0, None))
            if visit is None or event.occurred_at - last_at >= session_minutes * 60_000_000:
                visit, campaign = f"visit:{event.event_key}", None
            elif any(tags) and tags != campaign:
                visit = f"visit:{event.event_key}"
            browsers[row["anonymous_id"]] = (visit, event.occurred_at, tags if any(tags) else campaign)
            event = Event(event.event_key, event.occurred_at, event.day, event.event_type, {**row, "session_id": visit})
        counted.append(event)
    return counted


def tagged_clicks(events: Sequence[Event], links: Sequence[TaggedLink]) -> list[Event]:
    """The clicks that the tags of one lead's page views tell of: of each visit and event type the first."""
    clicks: dict[tuple[str, str], Event] = {}
    for event in events:
        if event.event_type != "page_viewed":
            continue
        tags = [None if event.row[name] is None else comparable(event.row[name]) for name in TAGS]
        for link in links:
            if any(tags) and all(wanted in (None, tag) for wanted, tag in zip(link.tags, tags, strict=True)):
                row = {**event.row, "event_type": link.event_type, "duration_seconds": None}
                click = Event(f"{event.event_key}:{link.event_type}", event.occurred_at, event.day, link.event_type, row)
                clicks.setdefault((event.row["session_id"], link.event_type), click)
    return list(clicks.values())


# --------------------------------------------------------------------------------------------------------------------
# Purchase cycle (scoring.md section 8)
# --------------------------------------------------------------------------------------------------------------------


class Cycle(NamedTuple):
    """A lead's purchase cycle on a date; ``months`` is None where there is none, ``elapsed`` None without an order."""

    months: int | None
    elapsed: int | None
    is_lapsed: bool
    order_days: Sequence[Day]

    @property
    def is_running(self) -> bool:
        """Whether there is a cycle, an order and no lapse."""
        return self.months is not None and self.elapsed is not None and not self.is_lapsed


def purchase_cycle(stated_months: int | None, order_days: Sequence[Day], day: Day, model: ScoreModel) -> Cycle:
    """The stated cycle, or the one estimated from the distinct ``order_days`` up to ``day``."""
    has_stated = stated_months is not None and stated_months >= 1
    months = int(stated_months) if has_stated else estimated_cycle_months(order_days, model)
    if not order_days:
        return Cycle(months, None, False, order_days)
    elapsed = whole_months(date.fromordinal(order_days[-1]), date.fromordinal(day))
    is_lapsed = months is not None and elapsed > months * (1 + Fraction(model.cycle_grace))
    return Cycle(months, elapsed, is_lapsed, order_days)


def estimated_cycle_months(order_days: Sequence[Day], model: ScoreModel) -> int | None:
    """The median gap between order dates in months, at least 1; None with too few orders or irregular ones."""
    gaps = sorted(later - earlier for earlier, later in pairwise(order_days))
    if not gaps or len(order_days) < model.cycle_min_orders:
        return None
    if model.cycle_max_cv is not None:
        mean = Fraction(sum(gaps), len(gaps))
        variance = sum((gap - mean) ** 2 for gap in gaps) / len(gaps)
        if variance > (Fraction(model.cycle_max_cv) * mean) ** 2:
            return None
    middle = len(gaps) // 2
    median = Decimal(gaps[middle] if len(gaps) % 2 else gaps[middle - 1] + gaps[middle]) / (1 if len(gaps) % 2 else 2)
    return max(1, int(rounded(EXACT.divide(median, DAYS_PER_MONTH), 0)))


# --------------------------------------------------------------------------------------------------------------------
# Conditions (scoring.md section 6, design.md "Conditions")
# --------------------------------------------------------------------------------------------------------------------

Check = Callable[[Any], bool]
ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
}
TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "contains": str.__contains__,
}


def compile_condition(condition: Condition, kind: str) -> Check:
    """A test of one value of a field of ``kind`` (text, number, boolean, date or property).

    Raises ValueError for an unknown operator, a date or number that does not cast, re.error for a broken expression.
    """
    operator, operand = condition.operator, condition.operand
    if operator == "is_null":
        return lambda value: value is None
    if operator == "not_null":
        return lambda value: value is not None
    check = _compile_comparison(operator, operand or "", kind)
    results: dict[Hashable, bool] = {}

    def remembered(value: Any) -> bool:
        if value is None:
            return False
        if value not in results:
            results[value] = check(value)
        return results[value]

    return remembered


def _compile_comparison(operator: str, operand: str, kind: str) -> Check:
    """The test of a value that is not null."""
    if operator in ORDERINGS:
        return _compile_ordering(ORDERINGS[operator], operand, kind)
    if operator in ("in", "not_in"):
        operands = {_operand_key(part, kind) for part in operand.split("|") if trimmed(part)}
        return lambda value: (_value_key(value, kind) in operands) == (operator == "in")
    if operator in ("eq", "ne"):
        expected = _operand_key(operand, kind)
        return lambda value: (_value_key(value, kind) == expected) == (operator == "eq")
    if operator in TEXT_TESTS:
        test, part = TEXT_TESTS[operator], comparable(operand)
        return lambda value: test(_value_text(value), part)
    if operator == "matches":
        expression = re.compile(operand, re.IGNORECASE)
        return lambda value: expression.search(trimmed(str(value))) is not None
    raise ValueError(f"unknown operator {operator!r}")


def _compile_ordering(ordering: Callable[[Any, Any], bool], operand: str, kind: str) -> Check:
    """Dates where the field is one, else numbers; a text that is no number fails."""
    if kind == "date":
        bound = date.fromisoformat(operand)
        return lambda value: ordering(value, bound)
    number = float(operand)
    if kind == "number":
        return lambda value: ordering(float(value), number)

    def check(value: Any) -> bool:
        read = plain_number(_value_text(value))
        return read is not None and ordering(read, number)

    return check


def _operand_key(operand: str, kind: str) -> str | float:
    return float(trimmed(operand)) if kind == "number" else comparable(operand)


def _value_key(value: Any, kind: str) -> str | float:
    return float(value) if kind == "number" else _value_text(value)


def _value_text(value: Any) -> str:
    """A value as text to compare: booleans true and false, dates YYYY-MM-DD."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return comparable(value.isoformat() if isinstance(value, date) else str(value))


# --------------------------------------------------------------------------------------------------------------------
# Rules (scoring.md section 4)
# --------------------------------------------------------------------------------------------------------------------


class DayCounts(NamedTuple):
    """How often a rule's events occurred on each date: parallel lists, dates ascending."""

    days: list[Day]
    counts: list[int]

    def between(self, after: Day, up_to: Day) -> Iterable[tuple[Day, int]]:
        """(date, count) of the dates after ``after`` up to and including ``up_to``."""
        start, end = bisect_right(self.days, after), bisect_right(self.days, up_to)
        return zip(self.days[start:end], self.counts[start:end], strict=True)


NO_EVENTS = DayCounts([], [])
BEGINNING: Day = 0


class LedgerEntry(NamedTuple):
    """One row of fct_lead_score_contributions, without lead, score model and date."""

    entry_type: str
    entry_id: str
    rule_id: str | None
    rule_group: str | None
    subscore: str | None
    occurrences: int
    first_on: date | None
    last_on: date | None
    points_uncapped: Decimal
    points: Decimal


class PlannedRule:
    """A rule made ready: its conditions compiled, its events counted per lead and date, its worth remembered."""

    def __init__(self, rule: Rule, checks: Sequence[tuple[str, Check]], matches: Mapping[str, DayCounts]) -> None:
        """``checks`` are pairs (field, test); ``matches`` maps lead_id to dates, after count_once_per."""
        self.rule = rule
        self.checks = checks
        self.matches = matches
        self._worth: dict[tuple[Decimal, int, int], Decimal] = {}

    def holds(self, traits: Traits, model: ScoreModel) -> bool:
        """Whether all conditions on the lead hold."""
        return all(
            check(traits.cycle(model).is_lapsed if name == "is_lapsed" else traits.value(name)) for name, check in self.checks
        )

    def share_left(self, age: int) -> Decimal:
        """What is left of a point at ``age``."""
        return factor(self.rule.decay, self.rule.decay_days, self.rule.decay_percent, age)

    def worth(self, points: Decimal, occurrences: int, age: int) -> Decimal:
        """``points x occurrences x factor(age)``, rounded to 6 places."""
        key = (points, occurrences, age)
        if key not in self._worth:
            self._worth[key] = rounded(points * occurrences * self.share_left(age), 6)
        return self._worth[key]

    def has_match_in_window(self, lead: Lead, day: Day) -> bool:
        """Whether a matching event has an age of 0 <= age < window_days."""
        counts = self.matches.get(lead.lead_id, NO_EVENTS)
        return any(True for _ in counts.between(day - self.rule.window_days, day))

    def latest_reset(self, lead: Lead, day: Day) -> Day:
        """The latest reset date up to ``day`` (a reset rule); BEGINNING where there is none."""
        matched = (engaged for engaged, _ in self.matches.get(lead.lead_id, NO_EVENTS).between(BEGINNING, day))
        engagement = sorted({*matched, lead.first_seen})
        for engaged, next_engaged in zip(reversed(engagement), [day + 1, *reversed(engagement)], strict=False):
            if engaged + self.rule.window_days < next_engaged:
                return engaged + self.rule.window_days
        return BEGINNING

    def counted_days(self, lead: Lead, day: Day, reset_on: Day) -> list[tuple[Day, int, int]]:
        """(date, occurrences after the daily cap, age) of the dates that an event rule counts on ``day``."""
        rule = self.rule
        idle_since = lead.last_activity(day) if rule.decay_from == "last_activity" else None
        return [
            (
                event_day,
                count if rule.max_per_day is None else min(count, rule.max_per_day),
                day - (event_day if idle_since is None else idle_since),
            )
            for event_day, count in self.matches.get(lead.lead_id, NO_EVENTS).between(reset_on, day)
        ]

    def event_entry(self, lead: Lead, day: Day, reset_on: Day, points: Decimal) -> LedgerEntry | None:
        """What an event rule gives at ``points`` an occurrence; None when it has not fired."""
        rule = self.rule
        counted = self.counted_days(lead, day, reset_on)
        if not counted:
            return None
        total = sum((self.worth(points, count, age) for _, count, age in counted), ZERO)
        occurrences = sum(count for _, count, _ in counted)
        dates = [event_day for event_day, _, _ in counted]
        capped = total if rule.max_points is None else clipped(total, -rule.max_points, rule.max_points)
        return self._entry(occurrences, dates, total, capped)

    def frequency_entry(self, lead: Lead, day: Day, reset_on: Day) -> LedgerEntry | None:
        """What a frequency rule gives; None when its range is missed."""
        rule = self.rule
        if rule.max_count == 0 and lead.first_seen > day - rule.window_days:
            return None
        counts = self.matches.get(lead.lead_id, NO_EVENTS)
        counted = list(counts.between(max(reset_on, day - rule.window_days), day))
        occurrences = sum(count for _, count in counted)
        if rule.min_count is not None and occurrences < rule.min_count:
            return None
        if rule.max_count is not None and occurrences > rule.max_count:
            return None
        return self._entry(occurrences, [counted_day for counted_day, _ in counted], rule.points, rule.points)

    def attribute_entry(self) -> LedgerEntry:
        """What an attribute rule gives whose conditions hold."""
        return self._entry(1, [], self.rule.points, self.rule.points)

    def _entry(self, occurrences: int, days: Sequence[Day], uncapped: Decimal, points: Decimal) -> LedgerEntry:
        rule = self.rule
        first, last = (published_date(days[0]), published_date(days[-1])) if days else (None, None)
        return LedgerEntry(
            "rule", rule.rule_id, rule.rule_id, rule.rule_group, rule.subscore, occurrences, first, last, uncapped, points
        )


def counted_events(rule: Rule, events: Iterable[Event], checks: Sequence[tuple[str, Check]]) -> DayCounts:
    """The events of one lead (of the rule's types, in order) that match the rule and that it counts."""
    per_day: Counter[Day] = Counter()
    seen: set[Hashable] = set()
    for event in events:
        if rule.active_from is not None and event.day < rule.active_from:
            continue
        if rule.active_to is not None and event.day > rule.active_to:
            continue
        if not all(check(event.value(name)) for name, check in checks):
            continue
        if rule.count_once_per is not None:
            once = _count_once_value(rule.count_once_per, event)
            if once is not None and once in seen:
                continue
            seen.add(once)
        per_day[event.day] += 1
    return DayCounts(sorted(per_day), [per_day[day] for day in sorted(per_day)])


def _count_once_value(count_once_per: str, event: Event) -> Hashable:
    if count_once_per == "lead":
        return "the lead"
    return event.day if count_once_per == "day" else event.value(count_once_per)


# --------------------------------------------------------------------------------------------------------------------
# From rules to the score (scoring.md sections 7 and 9)
# --------------------------------------------------------------------------------------------------------------------


class Evaluation(NamedTuple):
    """One lead under one score model on one date; ``subscores`` are after their bounds, ``score`` is the integer."""

    entries: list[LedgerEntry]
    subscores: dict[str, Decimal]
    raw_score: Decimal
    score_exact: Decimal
    score: int
    stage: str | None
    shortcut: Segment | None
    is_excluded: bool


def correction(entry_type: str, entry_id: str, group: str | None, subscore: str | None, points: Decimal) -> list[LedgerEntry]:
    """The entry that says by how much a group, bound or normalisation moved the sum; none where it did not."""
    return [LedgerEntry(entry_type, entry_id, None, group, subscore, 0, None, None, points, points)] if points else []


def combined_groups(
    entries: Sequence[LedgerEntry], groups: Mapping[str, RuleGroup]
) -> tuple[dict[str, Decimal], list[LedgerEntry]]:
    """Sums per subscore of the rules that fired, groups combined and clipped; and the corrections that led there."""
    totals: dict[str, Decimal] = dict.fromkeys(SUBSCORES, ZERO)
    corrections: list[LedgerEntry] = []
    members: dict[str, list[Decimal]] = defaultdict(list)
    for entry in entries:
        if entry.rule_group is None:
            totals[entry.subscore] += entry.points
        else:
            members[entry.rule_group].append(entry.points)
    for name, points in members.items():
        group = groups[name]
        added = sum(points, ZERO)
        combined = max(points) if group.combine == "max" else added
        bounded = clipped(combined, *group.bounds)
        totals[group.subscore] += bounded
        corrections += correction("group_combine", name, name, group.subscore, combined - added)
        corrections += correction("group_bound", name, name, group.subscore, bounded - combined)
    return totals, corrections


def normalised(raw_score: Decimal, model: ScoreModel, raw_max: Decimal | None) -> Decimal:
    """The raw score after the model's normalisation, before its bounds, with 6 places.

    ``raw_max`` is the model's, or else the largest raw score of all: where nobody is above 0 everybody is at 0. Raises
    ValueError for an unknown normalisation.
    """
    if model.normalisation == "clamp":
        return rounded(raw_score, 6)
    if model.normalisation in ("scale", "sqrt") and (raw_max is None or raw_max <= 0):
        return ZERO
    if model.normalisation == "scale":
        return quotient(model.score_max * raw_score, raw_max)
    if model.normalisation == "sqrt":
        share = rounded(EXACT.divide(clipped(raw_score, ZERO, raw_max), raw_max), 12)
        return rounded(model.score_max * rounded(share.sqrt(EXACT), 12), 6)
    raise ValueError(f"unknown normalisation {model.normalisation!r}")


def scaled_points(points: Mapping[str, Decimal], lowest: Decimal, highest: Decimal) -> dict[str, Decimal]:
    """The points of some rules mapped in a straight line so that the least are ``lowest`` and the most ``highest``, with 6 places.

    Equal points are all ``highest``.
    """
    if not points:
        return {}
    least, most = min(points.values()), max(points.values())
    if least == most:
        return dict.fromkeys(points, highest)
    span = highest - lowest
    return {
        name: rounded(lowest + rounded(EXACT.divide(span * (value - least), most - least), 12), 6)
        for name, value in points.items()
    }


def letter(scale: Sequence[tuple[Decimal, str]], value: Decimal) -> str:
    """The grade with the largest bound <= ``value``; below every bound the lowest. ``scale`` is ascending."""
    position = bisect_right([bound for bound, _ in scale], value)
    return scale[max(position - 1, 0)][1]


def band(segments: Iterable[Segment], score: int) -> Segment:
    """The segment whose band holds ``score``. Raises ValueError where none does."""
    reached = [segment for segment in segments if segment.lower_bound is None or segment.lower_bound <= score]
    return max(reached, key=lambda segment: (segment.lower_bound is not None, segment.lower_bound or ZERO))


def trend_of(score_now: int, score_before: int | None, threshold: Decimal) -> str:
    """rising, falling or steady against the score of 7 days before; new where there was none."""
    if score_before is None:
        return "new"
    difference = score_now - score_before
    return "rising" if difference >= threshold else "falling" if -difference >= threshold else "steady"


def reasons_text(entries: Iterable[LedgerEntry], labels: Mapping[tuple[str, str], str]) -> str:
    """The three largest contributions as ``label (+12.5)``, joined by ``; ``."""
    given = [entry for entry in entries if (entry.entry_type, entry.entry_id) in labels and entry.points != 0]
    largest = sorted(given, key=lambda entry: (-abs(entry.points), entry.entry_type, entry.entry_id))[:3]
    return "; ".join(f"{labels[entry.entry_type, entry.entry_id]} ({_signed(entry.points)})" for entry in largest)


def _signed(points: Decimal) -> str:
    shown = rounded(points, 1)
    return f"{'+' if points > 0 else ''}{shown if shown else abs(shown)}"


class PlannedModel:
    """One score model with its rules made ready."""

    def __init__(self, model: ScoreModel, config: Config, rules: Sequence[PlannedRule]) -> None:
        """``rules`` are those of the model."""
        self.model = model
        self.by_kind: dict[str, list[PlannedRule]] = defaultdict(list)
        for planned in rules:
            self.by_kind[planned.rule.kind].append(planned)
        self.groups = {name: group for (code, name), group in config.rule_groups.items() if code == model.score_model}
        self.bounds = {name: bounds for (code, name), bounds in config.subscore_bounds.items() if code == model.score_model}
        self.weights = {name: weight for (code, name), weight in config.subscore_weights.items() if code == model.score_model}
        self._points: dict[Day, dict[str, Decimal]] = {}
        self._raw_max: dict[Day, Decimal | None] = {}
        self.scales = [(axis, config.grade_scales.get((model.score_model, axis), ())) for axis in GRADE_AXES]
        self.segments = config.segments[model.score_model]
        self.seasons = config.seasons
        self.rules = {planned.rule.rule_id: planned.rule for planned in rules}
        self.labels = {("rule", rule_id): rule.label for rule_id, rule in self.rules.items()}
        self.labels |= {("cycle", "cycle"): "Purchase cycle", ("season", "season"): "Season"}

    def look_at_all(self, everybody: Iterable[tuple[Lead, Traits]], day: Day) -> None:
        """Learn what depends on all leads of ``day``: the points of a scaled model, and the largest raw score."""
        model, people = self.model, list(everybody)
        if model.points_scaling == "min_max":
            counting = {
                planned.rule.rule_id: planned.rule.points
                for planned in self.by_kind["event"]
                if any(
                    planned.share_left(age) > 0
                    for lead, _ in people
                    for _, _, age in planned.counted_days(lead, day, self._reset_before(planned.rule, lead, day))
                )
            }
            self._points[day] = scaled_points(counting, model.scaled_points_min, model.scaled_points_max)
        self._raw_max[day] = model.raw_max
        if model.raw_max is None and model.normalisation in ("scale", "sqrt"):
            self._raw_max[day] = max((self._raw(lead, traits, day)[0] for lead, traits in people), default=None)

    def evaluate(self, lead: Lead, traits: Traits, day: Day) -> Evaluation:
        """The score of ``lead`` on ``day`` with its ledger; ``look_at_all`` has seen that day."""
        raw_score, subscores, entries, stage = self._raw(lead, traits, day)
        before_bounds = normalised(raw_score, self.model, self._raw_max[day])
        score_exact = rounded(clipped(before_bounds, self.model.score_min, self.model.score_max), 6)
        code = self.model.score_model
        entries += correction("normalisation", code, None, None, before_bounds - raw_score)
        entries += correction("score_bound", code, None, None, score_exact - before_bounds)
        return Evaluation(
            entries=entries,
            subscores=subscores,
            raw_score=raw_score,
            score_exact=score_exact,
            score=int(rounded(score_exact, 0)),
            stage=stage,
            shortcut=self._shortcut(lead, day),
            is_excluded=any(planned.holds(traits, self.model) for planned in self.by_kind["exclude"]),
        )

    def _raw(self, lead: Lead, traits: Traits, day: Day) -> tuple[Decimal, dict[str, Decimal], list[LedgerEntry], str | None]:
        """The raw score, the subscores within their bounds, the ledger so far and the stage."""
        fired = self._fired(lead, traits, day)
        cycle = self._cycle_entries(traits, day)
        manual = self._manual_entries(lead, day)
        subscores, corrections = combined_groups(fired, self.groups)
        subscores["cycle"] += sum((entry.points for entry in cycle), ZERO)
        subscores["manual"] += sum((entry.points for entry in manual), ZERO)
        for name, bounds in self.bounds.items():
            bounded = clipped(subscores[name], *bounds)
            corrections += correction("subscore_bound", name, None, name, bounded - subscores[name])
            subscores[name] = bounded
        weighted = {name: rounded(points * self.weights.get(name, ONE), 6) for name, points in subscores.items()}
        for name, points in weighted.items():
            corrections += correction("subscore_weight", name, None, name, points - subscores[name])
        return sum(weighted.values(), ZERO), subscores, [*fired, *cycle, *manual, *corrections], self._stage(fired)

    def grade(self, evaluation: Evaluation) -> str:
        """The letters of the axes, joined."""
        values = {**evaluation.subscores, "score": Decimal(evaluation.score)}
        return "".join(letter(scale, values[axis]) for axis, scale in self.scales if scale)

    def segment(self, evaluation: Evaluation) -> tuple[str, str]:
        """(segment, temperature): excluded > shortcut > band."""
        if evaluation.is_excluded:
            return "excluded", "cold"
        segment = evaluation.shortcut or band(self.segments, evaluation.score)
        return segment.segment, segment.temperature

    def reasons(self, evaluation: Evaluation, lead: Lead) -> str:
        """The text of the three largest contributions."""
        adjustments = {("manual", row["adjustment_id"]): row["reason"] or row["adjustment_id"] for row in lead.adjustments}
        return reasons_text(evaluation.entries, {**self.labels, **adjustments})

    def _fired(self, lead: Lead, traits: Traits, day: Day) -> list[LedgerEntry]:
        """Entries of the rules that fired."""
        entries: list[LedgerEntry | None] = []
        scaled = self._points.get(day, {})
        for planned in self.by_kind["event"]:
            points = scaled.get(planned.rule.rule_id, planned.rule.points)
            entries.append(planned.event_entry(lead, day, self._reset_before(planned.rule, lead, day), points))
        for planned in self.by_kind["frequency"]:
            entries.append(planned.frequency_entry(lead, day, self._reset_before(planned.rule, lead, day)))
        for planned in self.by_kind["attribute"]:
            entries.append(planned.attribute_entry() if planned.holds(traits, self.model) else None)
        return [entry for entry in entries if entry is not None]

    def _reset_before(self, rule: Rule, lead: Lead, day: Day) -> Day:
        """The latest reset that touches ``rule``: event and frequency rules of the behaviour subscore only."""
        if rule.subscore != "behaviour":
            return BEGINNING
        return max((planned.latest_reset(lead, day) for planned in self.by_kind["reset"]), default=BEGINNING)

    def _cycle_entries(self, traits: Traits, day: Day) -> list[LedgerEntry]:
        model = self.model
        if model.cycle_points is None and model.season_points is None:
            return []
        cycle = traits.cycle(model)
        if not cycle.is_running:
            return []
        entries = []
        if model.cycle_points is not None:
            points = quotient(model.cycle_points * min(cycle.elapsed, cycle.months), Decimal(cycle.months))
            entries.append(self._order_entry("cycle", cycle.order_days, points))
        if model.season_points is not None and self.is_in_season(traits, cycle.order_days, day):
            entries.append(self._order_entry("season", cycle.order_days, model.season_points))
        return entries

    def _order_entry(self, entry_type: str, order_days: Sequence[Day], points: Decimal) -> LedgerEntry:
        first, last = published_date(order_days[0]), published_date(order_days[-1])
        return LedgerEntry(entry_type, entry_type, None, None, "cycle", len(order_days), first, last, points, points)

    def is_in_season(self, traits: Traits, order_days: Sequence[Day], day: Day) -> bool:
        """Ordered in this calendar month in two earlier years, or the month is named for the lead's industry."""
        today = date.fromordinal(day)
        ordered_on = map(date.fromordinal, order_days)
        years = {ordered.year for ordered in ordered_on if ordered.month == today.month and ordered.year < today.year}
        industry = traits.value("industry")
        return len(years) >= 2 or (industry is not None and (comparable(industry), today.month) in self.seasons)

    def _manual_entries(self, lead: Lead, day: Day) -> list[LedgerEntry]:
        """The adjustments in force, from effective_on up to, not including, expires_on."""
        entries = []
        for row in lead.adjustments:
            is_over = row["expires_on"] is not None and row["expires_on"] <= day
            is_ours = comparable(row["score_model"]) == comparable(self.model.score_model)
            if is_ours and row["effective_on"] <= day and not is_over:
                on = published_date(row["effective_on"])
                points = row["points"]
                entries.append(LedgerEntry("manual", row["adjustment_id"], None, None, "manual", 1, on, on, points, points))
        return entries

    def _stage(self, fired: Iterable[LedgerEntry]) -> str | None:
        """The furthest stage among event rules whose contribution is above 0."""
        given = [self.rules[entry.rule_id] for entry in fired if entry.points > 0]
        stages = [STAGES.index(rule.stage) for rule in given if rule.kind == "event" and rule.stage is not None]
        return STAGES[max(stages)] if stages else None

    def _shortcut(self, lead: Lead, day: Day) -> Segment | None:
        """The highest of the segments that a shortcut leads to."""
        targets = {p.rule.target_segment for p in self.by_kind["shortcut"] if p.has_match_in_window(lead, day)}
        reached = [segment for segment in self.segments if segment.segment in targets]
        return max(reached, key=lambda segment: segment.rank, default=None)


# --------------------------------------------------------------------------------------------------------------------
# The whole
# --------------------------------------------------------------------------------------------------------------------


class ScoreRow(NamedTuple):
    """One row of fct_lead_scores (without grid_version and run_id)."""

    lead_id: str
    score_model: str
    as_of_date: date
    behaviour_points: Decimal
    fit_points: Decimal
    negative_points: Decimal
    cycle_points: Decimal
    manual_points: Decimal
    raw_score: Decimal
    score_exact: Decimal
    score: int
    score_rank: int | None
    grade: str
    segment: str
    temperature: str
    stage: str | None
    score_7d_ago: int | None
    score_30d_ago: int | None
    trend: str
    is_excluded: bool
    last_activity_on: date | None
    top_reasons: str


class Contribution(NamedTuple):
    """One row of fct_lead_score_contributions."""

    lead_id: str
    score_model: str
    as_of_date: date
    entry_type: str
    entry_id: str
    rule_id: str | None
    rule_group: str | None
    subscore: str | None
    occurrences: int
    first_on: date | None
    last_on: date | None
    points_uncapped: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that one run publishes, in a fixed order (lead_id, score model, entry type, entry id)."""

    as_of_date: date
    events: list[EventStatus]
    conflicts: list[Conflict]
    leads: dict[str, dict[str, Any]]
    """dim_leads by lead_id: lead_id, email, contact_id, first_seen_on, last_activity_on, CONTACT_FIELDS, is_lapsed."""
    scores: list[ScoreRow]
    contributions: list[Contribution]
    erased_lead_ids: frozenset[str]


class Scorer:
    """The rows and rules of one run, made ready."""

    def __init__(
        self,
        config: Config,
        raw: Raw,
        scoring_timezone: str,
        known_at: datetime | None,
        trait_window_days: int,
        session_minutes: int = 30,
    ) -> None:
        """See ``score``."""
        self.config = config
        self.calendar = Calendar(scoring_timezone)
        self.trait_window_days = trait_window_days
        self.session_minutes = session_minutes
        known_micros = None if known_at is None else micros(known_at)
        contacts = [row for row in known_rows(raw.contacts, known_micros) if is_readable_contact(row)]
        links = known_rows(raw.identity_links, known_micros)
        self.raw_events = raw.events
        # Whom an erasure names needs no evidence of browsers: it carries an e-mail or a contact id.
        self.identity = Identity(contacts, links, [])
        self.erased = self._erased_leads(raw.erasures)
        self.erased_rows = frozenset(
            number
            for number, row in enumerate(raw.events)
            if self.identity.lead_of(row["email"], row["contact_id"]) in self.erased
        )
        self.intake = sort_out_events(raw.events, config.event_types, self.calendar, known_micros, self.erased_rows)
        self.identity = Identity(contacts, links, [*self.intake.events.values(), *self.intake.erased_events])
        self.row_leads = [
            self.identity.lead_of(row["email"], row["contact_id"], row["anonymous_id"], row["occurred_at"]) for row in raw.events
        ]
        self.accounts = Accounts(known_rows(raw.accounts, known_micros), self.calendar)
        self.leads = self._build_leads(contacts, known_rows(raw.adjustments, known_micros))
        self.models = self._plan_models()

    def _erased_leads(self, erasures: Iterable[RawRow]) -> frozenset[str]:
        """The leads of all erasures, whatever known_at; one that names both e-mail and contact id means both."""
        by_email = {self.identity.lead_of(row["email"], None) for row in erasures}
        by_contact = {self.identity.lead_of(None, row["contact_id"]) for row in erasures}
        return frozenset((by_email | by_contact) - {None})

    def _build_leads(self, contacts: Iterable[RawRow], adjustments: Iterable[RawRow]) -> dict[str, Lead]:
        """lead_id -> lead, without the erased, in the order of lead_id."""
        leads: dict[str, Lead] = {}

        def lead(lead_id: str) -> Lead:
            if lead_id not in leads:
                leads[lead_id] = Lead(lead_id, self.identity.emails.get(lead_id))
            return leads[lead_id]

        for row in contacts:
            lead(self.identity.lead_of_contact(row["contact_id"])).contacts.setdefault(row["contact_id"], []).append(row)
        for number, event in self.intake.events.items():
            if self.row_leads[number] is not None:
                lead(self.row_leads[number]).events.append(event)
        leads = {lead_id: leads[lead_id] for lead_id in sorted(leads.keys() - self.erased)}
        for row in _latest_adjustments(adjustments):
            lead_id = self.identity.lead_of(row["email"], row["contact_id"])
            if lead_id in leads:
                leads[lead_id].adjustments.append(row)
        for person in leads.values():
            self._complete(person)
        return leads

    def _complete(self, lead: Lead) -> None:
        """Order the events and derive the dates of first sight, engagement and orders."""
        lead.events.sort(key=lambda event: (event.occurred_at, event.event_key))
        lead.events = with_visits(lead.events, self.session_minutes)
        lead.events += tagged_clicks(lead.events, self.config.tagged_links)
        lead.events.sort(key=lambda event: (event.occurred_at, event.event_key))
        types = self.config.event_types
        lead.engagement_days = sorted({event.day for event in lead.events if types[event.event_type].is_engagement})
        lead.order_days = sorted({event.day for event in lead.events if event.event_type == "order_completed"})
        created = [self.calendar.day(row["created_at"]) for rows in lead.contacts.values() for row in rows]
        lead.first_seen = min([*created, *(event.day for event in lead.events[:1])])

    def _plan_models(self) -> list[PlannedModel]:
        by_type: dict[str, dict[str, list[Event]]] = defaultdict(dict)
        for lead in self.leads.values():
            for event in lead.events:
                by_type[event.event_type].setdefault(lead.lead_id, []).append(event)
        planned: dict[str, list[PlannedRule]] = defaultdict(list)
        matched: dict[tuple, Mapping[str, DayCounts]] = {}
        for rule in self.config.rules:
            on_traits = rule.kind in ("attribute", "exclude")
            checks = [
                (condition.field, compile_condition(condition, field_kind(condition.field, on_traits)))
                for condition in rule.conditions
            ]
            matcher = (rule.event_types, rule.conditions, rule.count_once_per, rule.active_from, rule.active_to)
            if not on_traits and matcher not in matched:
                matched[matcher] = _matches_by_lead(rule, by_type, checks)
            planned[rule.score_model].append(PlannedRule(rule, checks, {} if on_traits else matched[matcher]))
        return [PlannedModel(model, self.config, planned[code]) for code, model in sorted(self.config.score_models.items())]

    def leads_on(self, day: Day) -> list[Lead]:
        """The leads that exist on ``day``."""
        return [lead for lead in self.leads.values() if lead.first_seen <= day]

    def people_on(self, day: Day) -> list[tuple[Lead, Traits]]:
        """The leads of ``day`` with their traits, once every score model has looked at them all."""
        people = [(lead, Traits(lead, day, self)) for lead in self.leads_on(day)]
        for planned in self.models:
            planned.look_at_all(people, day)
        return people

    def event_statuses(self) -> list[EventStatus]:
        """What became of every delivered row; an event of an erased person is erased."""
        statuses = []
        for number, row in enumerate(self.raw_events):
            status, reason, lead_id = self.intake.statuses[number], self.intake.reasons[number], self.row_leads[number]
            if status == "erased" or (status == "accepted" and lead_id in self.erased):
                status, reason = "erased", None
            is_published = status in ("accepted", "duplicate", "deleted")
            statuses.append(
                EventStatus(
                    row_number=number,
                    event_id=row["event_id"],
                    event_key=self.intake.keys[number],
                    loaded_at=moment(row["loaded_at"]),
                    status=status,
                    reason=reason,
                    lead_id=lead_id if is_published else None,
                )
            )
        return statuses

    def conflicts(self) -> list[Conflict]:
        """Conflicts between rows that are not erased."""
        return [
            conflict
            for conflict in self.intake.conflicts
            if self.row_leads[conflict.winner_row_number] not in self.erased
            and self.row_leads[conflict.loser_row_number] not in self.erased
        ]

    def dim_lead(self, lead: Lead, day: Day) -> dict[str, Any]:
        """The row of dim_leads; times as UTC timestamps without zone."""
        traits = Traits(lead, day, self)
        times = {"created_at", "consented_at", "enriched_at"}
        values = {name: traits.contact_field(name) for name in CONTACT_FIELDS}
        return {
            "lead_id": lead.lead_id,
            "email": lead.email,
            "contact_id": traits.versions[0]["contact_id"] if traits.versions else None,
            "first_seen_on": published_date(lead.first_seen),
            "last_activity_on": published_date(lead.last_activity(day)),
            **{name: moment(value) if name in times else value for name, value in values.items()},
            "is_lapsed": traits.cycle(self.config.default_model).is_lapsed,
        }


def field_kind(name: str, on_traits: bool) -> str:
    """How a field compares: text, number, boolean, date or property. Raises KeyError for an unknown field."""
    if on_traits:
        return TRAIT_KINDS[name]
    return "property" if name.startswith("properties.") else EVENT_FIELD_KINDS[name]


def _matches_by_lead(
    rule: Rule, by_type: Mapping[str, Mapping[str, list[Event]]], checks: Sequence[tuple[str, Check]]
) -> dict[str, DayCounts]:
    """lead_id -> the dates on which the rule's events occurred, where there are any."""
    candidates: dict[str, list[Event]] = {}
    for event_type in set(rule.event_types):
        for lead_id, events in by_type.get(event_type, {}).items():
            candidates[lead_id] = candidates.get(lead_id, []) + events
    matches = {}
    for lead_id, events in candidates.items():
        if len(rule.event_types) > 1:
            events.sort(key=lambda event: (event.occurred_at, event.event_key))
        counts = counted_events(rule, events, checks)
        if counts.days:
            matches[lead_id] = counts
    return matches


def _latest_adjustments(rows: Iterable[RawRow]) -> list[RawRow]:
    """Of each adjustment_id the row loaded last, ties: the larger row; rows without a required value are left out."""
    latest: dict[str, RawRow] = {}
    columns = tuple(RAW_TABLES["adjustments"])
    for row in rows:
        if None in (row["adjustment_id"], row["score_model"], row["points"], row["effective_on"], row["loaded_at"]):
            continue
        latest[row["adjustment_id"]] = max(
            row, latest.get(row["adjustment_id"], row), key=lambda one: (one["loaded_at"], row_order(one, columns))
        )
    return [latest[adjustment_id] for adjustment_id in sorted(latest)]


def score(
    config: Config,
    raw: Raw,
    as_of_date: date,
    scoring_timezone: str = "UTC",
    known_at: datetime | None = None,
    trait_window_days: int = 90,
) -> Result:
    """Score every lead under every score model on ``as_of_date``, with the scores 7 and 30 days before.

    ``scoring_timezone`` is an IANA name, ``known_at`` a UTC timestamp, ``trait_window_days`` the window of the derived
    traits in days. Raises ZoneInfoNotFoundError for an unknown zone, KeyError or ValueError for a grid that contradicts
    itself (unknown field, operator, group; segments without a lowest band).
    """
    with localcontext(EXACT):
        scorer = Scorer(config, raw, scoring_timezone, known_at, trait_window_days)
        today = as_of_date.toordinal()
        earlier_scores = {days: _scores_on(scorer, today - days) for days in (7, 30)}
        scores: list[ScoreRow] = []
        contributions: list[Contribution] = []
        present = scorer.people_on(today)
        for lead, traits in present:
            for planned in scorer.models:
                code = planned.model.score_model
                evaluation = planned.evaluate(lead, traits, today)
                before_7, before_30 = (earlier_scores[days].get((lead.lead_id, code)) for days in (7, 30))
                scores.append(_score_row(planned, lead, evaluation, as_of_date, before_7, before_30))
                for entry in sorted(evaluation.entries, key=lambda entry: entry[:2]):
                    contributions.append(_contribution(lead.lead_id, code, as_of_date, entry))
        return Result(
            as_of_date=as_of_date,
            events=scorer.event_statuses(),
            conflicts=scorer.conflicts(),
            leads={lead.lead_id: scorer.dim_lead(lead, today) for lead, _ in present},
            scores=_ranked(scores),
            contributions=contributions,
            erased_lead_ids=scorer.erased,
        )


def _scores_on(scorer: Scorer, day: Day) -> dict[tuple[str, str], int]:
    """(lead_id, score model) -> integer score on ``day`` of the leads that existed."""
    scores = {}
    for lead, traits in scorer.people_on(day):
        for planned in scorer.models:
            scores[lead.lead_id, planned.model.score_model] = planned.evaluate(lead, traits, day).score
    return scores


def _score_row(
    planned: PlannedModel, lead: Lead, evaluation: Evaluation, as_of_date: date, before_7: int | None, before_30: int | None
) -> ScoreRow:
    """A row of fct_lead_scores, its rank still open."""
    segment, temperature = planned.segment(evaluation)
    return ScoreRow(
        lead_id=lead.lead_id,
        score_model=planned.model.score_model,
        as_of_date=as_of_date,
        **{f"{name}_points": rounded(evaluation.subscores[name], 6) for name in SUBSCORES},
        raw_score=rounded(evaluation.raw_score, 6),
        score_exact=evaluation.score_exact,
        score=evaluation.score,
        score_rank=None,
        grade=planned.grade(evaluation),
        segment=segment,
        temperature=temperature,
        stage=evaluation.stage,
        score_7d_ago=before_7,
        score_30d_ago=before_30,
        trend=trend_of(evaluation.score, before_7, planned.model.trend_threshold),
        is_excluded=evaluation.is_excluded,
        last_activity_on=published_date(lead.last_activity(as_of_date.toordinal())),
        top_reasons=planned.reasons(evaluation, lead),
    )


def _contribution(lead_id: str, score_model: str, as_of_date: date, entry: LedgerEntry) -> Contribution:
    """A row of fct_lead_score_contributions; points with exactly 6 places."""
    *rest, uncapped, points = entry
    return Contribution(lead_id, score_model, as_of_date, *rest, rounded(uncapped, 6), rounded(points, 6))


def _ranked(rows: Sequence[ScoreRow]) -> list[ScoreRow]:
    """The rows with score_rank per score model among those not excluded; the order of the rows stays."""

    def order(row: ScoreRow) -> tuple:
        last_activity = row.last_activity_on.toordinal() if row.last_activity_on else 0
        return (row.score_model, -row.score_exact, -last_activity, row.lead_id)

    ranks: dict[tuple[str, str], int] = {}
    reached: Counter[str] = Counter()
    for row in sorted((row for row in rows if not row.is_excluded), key=order):
        reached[row.score_model] += 1
        ranks[row.lead_id, row.score_model] = reached[row.score_model]
    return [row._replace(score_rank=ranks.get((row.lead_id, row.score_model))) for row in rows]
