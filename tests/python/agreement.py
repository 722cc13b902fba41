"""Random grids and events, built by dbt and scored by the oracle. The builds are shared out over two files by their time zone, so that two workers can run them."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from pathlib import Path

import cases
import oracle
from building import Project
from comparing import assert_agrees

SCORE_MODELS = 20
"""Score models of a random grid; with its leads each is a case of its own, so that one build serves many."""
BUILDS = range(20) if os.environ.get("LEAD_SCORING_BUILDS") == "full" else (0, 3, 4, 7, 8, 11, 14, 17)
"""The random builds. CI makes eight of the twenty, spread over the same year; LEAD_SCORING_BUILDS=full makes all."""

TIME_ZONES = ("UTC", "Europe/Berlin")
"""One of them with daylight saving; the cases hold events at the hours that it moves."""


def moment_of(build: int) -> tuple[date, str, datetime | None]:
    """as_of_date, time zone and known_at of a build; over all builds they meet in every combination."""
    as_of_date = cases.BASE_DATE - timedelta(days=17 * build)
    known_at = (None, datetime(2026, 2, 3, 4, 5, 6), datetime(2025, 12, 1))[build % 3]
    return as_of_date, TIME_ZONES[build % 2], known_at


def builds_in(time_zone: str) -> list[int]:
    """The builds that score in a time zone."""
    return [build for build in BUILDS if moment_of(build)[1] == time_zone]


def assert_build_agrees(build: int, project: Project, folder: Path) -> None:
    """Build the random case of that number in ``project``, with all its score models, and compare every digit."""
    case = cases.make_case(build, folder / "seeds", folder / "raw", score_models=SCORE_MODELS)
    as_of_date, time_zone, known_at = moment_of(build)
    expected = oracle.score(oracle.load_config(case.seeds_dir), oracle.load_raw(case.raw_dir), as_of_date, time_zone, known_at)
    assert expected.scores, "a case without scores shows nothing"
    project.replace_seeds(case.seeds_dir)
    variables = {"as_of_date": str(as_of_date), "scoring_timezone": time_zone, "known_at": str(known_at or "")}
    project.build(case.raw_dir, variables)
    assert_agrees(project, expected, f"case {build} on {as_of_date} in {time_zone}, known at {known_at}")
