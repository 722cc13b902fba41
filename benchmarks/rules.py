"""What the contenders know of the rules: the rows of the grid and what is left of a point after so many days."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

DAYS_BEFORE = (0, 7, 30)
"""The scored dates, in days before the last one."""
# Exact numbers are whole ones: factors in 10^-12, points of rules in 10^-4, scores in 10^-6.
FACTOR_UNIT = 1_000_000_000_000
POINT_UNIT = 10_000
SCORE_UNIT = 1_000_000
PRODUCT_UNIT = FACTOR_UNIT * POINT_UNIT // SCORE_UNIT
"""What a factor times points is divided by to be a score."""


@dataclass(frozen=True)
class Rule:
    """An event rule: what it looks for, what it gives, how that fades."""

    rule_id: str
    event_type: str
    operator: str | None
    operand: str | None
    points: Decimal
    decay: str | None
    decay_days: int | None
    decay_percent: int | None
    max_per_day: int | None
    max_points: Decimal | None

    def factor(self, age: int) -> int:
        """What is left of a point after ``age`` whole days, in units of 10^-12, rounded half away from zero (docs/scoring.md, section 5)."""
        one = FACTOR_UNIT
        days, percent = self.decay_days or 1, self.decay_percent or 0
        match self.decay:
            case "half_life":
                return round(math.pow(0.5, age / days) * one)
            case "linear":
                return (2 * one * max(days - age, 0) + days) // (2 * days)
            case "step":
                return one // 100 * max(100 - percent * (age // days), 0)
            case "step_compound":
                return round(math.pow(1 - percent / 100, age // days) * one)
            case "window":
                return one if age < days else 0
        return one

    def worth(self, age: int, occurrences: int) -> int:
        """What so many occurrences on one day are worth at that age, in units of 10^-6, rounded half away from zero."""
        exact = int(self.points * POINT_UNIT) * occurrences * self.factor(age)
        rounded = (abs(exact) + PRODUCT_UNIT // 2) // PRODUCT_UNIT
        return rounded if exact >= 0 else -rounded


@dataclass(frozen=True)
class ScoreModel:
    """The bounds of the score, in whole points, and the rules that make it."""

    score_min: int
    score_max: int
    rules: tuple[Rule, ...]


def read_score_model(seeds: Path) -> ScoreModel:
    """The score model and its rules out of a folder of seeds."""
    (model,) = read_rows(seeds / "score_models.csv")
    return ScoreModel(
        int(model["score_min"]), int(model["score_max"]), tuple(map(read_rule, read_rows(seeds / "point_grid.csv")))
    )


def read_rule(row: Mapping[str, str]) -> Rule:
    """A rule out of a row of point_grid.csv."""
    return Rule(
        rule_id=row["rule_id"],
        event_type=row["event_type"],
        operator=row["operator"] or None,
        operand=row["operand"] or None,
        points=Decimal(row["points"]),
        decay=row["decay"] or None,
        decay_days=int(row["decay_days"]) if row["decay_days"] else None,
        decay_percent=int(row["decay_percent"]) if row["decay_percent"] else None,
        max_per_day=int(row["max_per_day"]) if row["max_per_day"] else None,
        max_points=Decimal(row["max_points"]) if row["max_points"] else None,
    )


def read_rows(file: Path) -> Iterable[dict[str, str]]:
    """The rows of a CSV file, as dictionaries by column."""
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
