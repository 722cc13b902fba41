"""The oracle and the SQL agree on every lead, score model, subscore, ledger row and digit."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import cases
import oracle
import pytest
from building import REPOSITORY, Project
from comparing import assert_agrees, differences

SCORE_MODELS = 20
"""Score models of a random grid; with its leads each is a case of its own, so that one build serves many."""
BUILDS = 20
TIME_ZONES = ("UTC", "Europe/Berlin")
"""One of them with daylight saving; the cases hold events at the hours that it moves."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One copy of the project, whose seeds every case replaces."""
    return Project(tmp_path_factory.mktemp("agreement") / "project")


def moment_of(build: int) -> tuple[date, str, datetime | None]:
    """as_of_date, time zone and known_at of a build; over all builds they meet in every combination."""
    as_of_date = cases.BASE_DATE - timedelta(days=17 * build)
    known_at = (None, datetime(2026, 2, 3, 4, 5, 6), datetime(2025, 12, 1))[build % 3]
    return as_of_date, TIME_ZONES[build % 2], known_at


@pytest.mark.parametrize("build", range(BUILDS))
def test_random_grids_and_events_agree(build: int, project: Project, tmp_path: Path) -> None:
    """Twenty builds, four hundred score models, every kind of rule, decay, cap and operator."""
    case = cases.make_case(build, tmp_path / "seeds", tmp_path / "raw", score_models=SCORE_MODELS)
    as_of_date, time_zone, known_at = moment_of(build)
    expected = oracle.score(oracle.load_config(case.seeds_dir), oracle.load_raw(case.raw_dir), as_of_date, time_zone, known_at)
    assert expected.scores, "a case without scores shows nothing"
    project.replace_seeds(case.seeds_dir)
    project.build(
        case.raw_dir,
        {"as_of_date": str(as_of_date), "scoring_timezone": time_zone, "known_at": str(known_at or "")},
    )
    assert_agrees(project, expected, f"case {build} on {as_of_date} in {time_zone}, known at {known_at}")


def test_moments_differ_and_meet() -> None:
    """Twenty dates, two zones, two times of knowledge, and each zone with each."""
    moments = [moment_of(build) for build in range(BUILDS)]
    assert len({as_of_date for as_of_date, _, _ in moments}) == BUILDS
    assert len({(zone, known_at) for _, zone, known_at in moments}) == 2 * 3


def test_the_sample_agrees(tmp_path: Path) -> None:
    """The shipped grid on the shipped sample; and a wrong digit would be seen."""
    raw_dir = REPOSITORY / "sample" / "raw"
    project = Project(tmp_path / "project")
    project.build(raw_dir, {"as_of_date": "2026-03-10"})
    expected = oracle.score(oracle.load_config(REPOSITORY / "seeds"), oracle.load_raw(raw_dir), date(2026, 3, 10))
    assert_agrees(project, expected, "the sample")
    project.execute("update marts.fct_lead_score_contributions set points = points + 0.000001 where score_model = 'default'")
    assert differences(project, expected), "the comparison does not see a millionth of a point"


def test_fifty_score_models_agree_in_one_build(tmp_path: Path) -> None:
    """Two thousand rules in fifty score models, on a few leads."""
    case = cases.make_case(5, tmp_path / "seeds", tmp_path / "raw", score_models=50, rules_per_model=40, leads=20)
    config = oracle.load_config(case.seeds_dir)
    assert len(config.rules) >= 2000
    project = Project(tmp_path / "project")
    project.replace_seeds(case.seeds_dir)
    project.build(case.raw_dir, {"as_of_date": str(case.as_of_date)})
    assert_agrees(project, oracle.score(config, oracle.load_raw(case.raw_dir), case.as_of_date), "fifty score models")
