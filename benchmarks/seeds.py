"""The rules of the benchmark: a grid of 200 event rules, a score model, segments and a grade scale, as seeds in place of the shipped ones.

Rules are a function of their number. They look for every event type of the generator; those with a page mostly also for something in its
path. Every decay occurs, every third rule has a cap a day, every fourth one in total.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from benchmarks.generate import EVENT_TYPES, EVENT_TYPES_WITH_PAGE, PAGES, SECTIONS, SUBJECTS, page_path
from benchmarks.rules import Rule

RULES = 200
SCORE_MODEL = "benchmark"
SCORE_MIN = 0
SCORE_MAX = 1000
SEGMENTS = (("new", None, "cold"), ("warm", 50, "warm"), ("qualified", 150, "warm"), ("sales_qualified", 400, "hot"))
GRADES = (("A", 400), ("B", 150), ("C", 50), ("D", 0))

# decay, decay_days, decay_percent
DECAYS = (
    ("half_life", 30, None), ("half_life", 7, None), ("linear", 90, None), (None, None, None), ("step", 30, 25), ("half_life", 90, None),
    ("step_compound", 14, 20), ("window", 60, None), ("linear", 30, None), ("half_life", 14, None), ("window", 180, None),
)  # fmt: skip
POINTS = ("1", "2", "5", "10", "0.5", "3", "7.25", "15", "0.125", "20")
UNWELCOME = {"email_bounced_soft", "email_unsubscribed"}
UNWELCOME_SECTION = "careers"

HEADERS = {
    "point_grid": (
        "score_model rule_id subscore rule_group stage label kind event_type field operator operand points decay decay_days decay_percent decay_from "
        "count_once_per max_per_day max_points window_days min_count max_count target_segment active_from active_to note"
    ),
    "point_grid_conditions": "score_model rule_id field operator operand",
    "rule_groups": "score_model rule_group subscore combine min_points max_points",
    "subscore_bounds": "score_model subscore min_points max_points weight",
    "score_models": (
        "score_model label is_default normalisation raw_max score_min score_max cycle_points cycle_min_orders cycle_grace cycle_max_cv season_points "
        "trend_threshold points_scaling scaled_points_min scaled_points_max"
    ),
    "grade_scales": "score_model axis grade lower_bound",
    "segments": "score_model segment label rank lower_bound temperature enter_margin min_days",
    "next_actions": "score_model segment trend channel action template delay_hours sla_hours",
    # Nothing is sent anywhere.
    "audiences": "audience label score_model min_days note",
    "audience_conditions": "audience field operator operand",
    "destinations": "destination provider contacts max_share max_changes is_on note",
    "destination_lists": "destination list_id source name score_model mode note",
    "destination_fields": "destination attribute field score_model",
    "destination_actions": "destination channel note",
}


def rules() -> list[Rule]:
    """The 200 rules."""
    return [rule(number) for number in range(RULES)]


def rule(number: int) -> Rule:
    """Rule ``number``: half of them look at page views, a third at other types with a page, the rest at types without one."""
    others = [name for name in EVENT_TYPES_WITH_PAGE if name != "page_viewed"]
    without_page = [name for name in EVENT_TYPES if name not in EVENT_TYPES_WITH_PAGE]
    kind, nth = number % 6, number // 6
    if kind < 3:
        event_type = "page_viewed"
    elif kind < 5:
        event_type = others[(2 * nth + kind) % len(others)]
    else:
        event_type = without_page[nth % len(without_page)]
    operator, operand = condition(number) if kind < 5 and number else (None, None)
    decay, decay_days, decay_percent = DECAYS[number % len(DECAYS)]
    points = Decimal(POINTS[number * 7 % len(POINTS)])
    unwelcome = event_type in UNWELCOME or UNWELCOME_SECTION in (operand or "")
    return Rule(
        rule_id=f"rule_{number:03}",
        event_type=event_type,
        operator=operator,
        operand=operand,
        points=-points if unwelcome else points,
        decay=decay,
        decay_days=decay_days,
        decay_percent=decay_percent,
        max_per_day=1 + number % 5 if number % 3 == 0 else None,
        max_points=Decimal(10 + number % 7 * 15) if number % 4 == 0 else None,
    )


def condition(number: int) -> tuple[str, str]:
    """What rule ``number`` looks for in the path: an operator and its operand."""
    section = SECTIONS[number * 3 % len(SECTIONS)]
    subject = SUBJECTS[number % len(SUBJECTS)]
    pages = [page_path((number * 37 + n * n * 11) % PAGES) for n in range(4)]
    return (
        ("starts_with", f"/{section}"),
        ("contains", subject),
        ("eq", page_path(number % 60).lower()),
        ("in", "|".join(pages).lower()),
        ("matches", f"^/{section}/[a-z]+-[0-9]*{number % 10}$"),
        ("starts_with", f"/{section}/{subject}"),
        ("matches", f"({subject}|{SUBJECTS[(number + 4) % len(SUBJECTS)]})-[0-9]+$"),
    )[number % 7]


def with_other_points(grid: Sequence[Rule]) -> list[Rule]:
    """The grid with one point value changed: what marketing does most."""
    return [replace(grid[0], points=grid[0].points + 1), *grid[1:]]


def with_other_condition(grid: Sequence[Rule]) -> list[Rule]:
    """The grid with one condition changed: another set of events counts."""
    return [grid[0], replace(grid[1], operator="starts_with", operand="/guides"), *grid[2:]]


def cells(rule: Rule) -> dict[str, object]:
    """A rule as a row of point_grid.csv."""
    return {
        **vars(rule),
        "score_model": SCORE_MODEL,
        "subscore": "behaviour" if rule.points > 0 else "negative",
        "label": f"Rule {rule.rule_id}",
        "kind": "event",
        "field": "page_path" if rule.operator else None,
    }


def write_seeds(folder: Path, grid: Iterable[Rule]) -> None:
    """Write the seeds into ``folder``; those of the same name there are replaced, all others stay."""
    rows: dict[str, list[Mapping[str, object]]] = {name: [] for name in HEADERS}
    rows["point_grid"] = [cells(rule) for rule in grid]
    rows["score_models"] = [
        {
            "score_model": SCORE_MODEL, "label": "Benchmark", "is_default": "true", "normalisation": "clamp",
            "score_min": SCORE_MIN, "score_max": SCORE_MAX, "trend_threshold": 10,
        }
    ]  # fmt: skip
    for rank, (segment, lower_bound, temperature) in enumerate(SEGMENTS, start=1):
        label = segment.replace("_", " ").capitalize()
        common = {"score_model": SCORE_MODEL, "segment": segment}
        rows["segments"].append(common | {"label": label, "rank": rank, "lower_bound": lower_bound, "temperature": temperature})
        rows["next_actions"].append(
            common | {"channel": "email", "action": "nurture", "template": "nurture", "delay_hours": 24, "sla_hours": 72}
        )
    rows["grade_scales"] = [
        {"score_model": SCORE_MODEL, "axis": "score", "grade": grade, "lower_bound": lower_bound} for grade, lower_bound in GRADES
    ]
    folder.mkdir(parents=True, exist_ok=True)
    for name, header in HEADERS.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header.split(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows[name])
