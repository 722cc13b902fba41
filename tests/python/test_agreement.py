"""The oracle and the SQL agree on every lead, score model, subscore, ledger row and digit: on the sample, and on fifty score models at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import cases
import oracle
from agreement import BUILDS, moment_of
from building import REPOSITORY, Project
from comparing import assert_agrees, differences


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
    project.execute("update marts.fct_lead_scores set score_exact = score_exact + 0.000001 where score_model = 'default'")
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
