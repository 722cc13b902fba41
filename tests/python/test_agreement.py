"""The oracle and the SQL agree on every lead, score model, subscore, ledger row and digit: on the sample, and on fifty score models at once."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import cases
import oracle
from agreement import BUILDS, SCORE_MODELS, moment_of
from building import REPOSITORY, Project
from comparing import assert_agrees, differences


def test_moments_differ_and_meet() -> None:
    """As many dates as builds, spread over most of a year; two zones, two times of knowledge and none, and each zone with each."""
    moments = [moment_of(build) for build in BUILDS]
    dates = {as_of_date for as_of_date, _, _ in moments}
    assert len(dates) == len(BUILDS) >= 8
    assert (max(dates) - min(dates)).days > 280
    assert len({(zone, known_at) for _, zone, known_at in moments}) == 2 * 3


def test_the_builds_have_every_feature(tmp_path: Path) -> None:
    """However few builds are made, between them they meet everything that a case can have."""
    found: set[str] = set()
    for build in BUILDS:
        case = cases.make_case(build, tmp_path / f"seeds_{build}", tmp_path / f"raw_{build}", score_models=SCORE_MODELS)
        found |= cases.coverage(oracle.load_config(case.seeds_dir), oracle.load_raw(case.raw_dir), case.as_of_date)
        if found == cases.FEATURES:
            return
    assert found == cases.FEATURES


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


def test_a_decay_from_an_activity_before_every_match_agrees(tmp_path: Path) -> None:
    """Somebody was last active long before the one thing that the one rule counts, which is no activity itself: its points have faded with the activity."""
    with (REPOSITORY / "seeds" / "point_grid.csv").open(encoding="utf-8", newline="") as lines:
        rule = next(row for row in csv.DictReader(lines) if row["decay_from"] == "last_activity")
    project = Project(tmp_path / "project")
    changed = tmp_path / "seeds"
    changed.mkdir()
    for seed, rows in {
        "point_grid": [{**rule, "event_type": "email_sent", "decay_days": "400"}],
        "point_grid_conditions": [],
    }.items():
        with (REPOSITORY / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as lines:
            names = next(csv.reader(lines))
        with (changed / f"{seed}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(rows)
    project.replace_seeds(changed)
    events = [("visited", "page_viewed", datetime(2025, 11, 30, 9)), ("written_to", "email_sent", datetime(2026, 3, 5, 9))]
    cases.write_raw(
        tmp_path / "raw",
        {
            "events": [
                {
                    "event_id": name,
                    "event_type": event_type,
                    "occurred_at": moment,
                    "loaded_at": moment,
                    "email": "ann@example.com",
                }
                for name, event_type, moment in events
            ]
        },
    )
    project.build(tmp_path / "raw", {"as_of_date": "2026-03-10"})
    expected = oracle.score(oracle.load_config(project.folder / "seeds"), oracle.load_raw(tmp_path / "raw"), date(2026, 3, 10))
    assert [entry.points for entry in expected.contributions] == [Decimal("7.5")], "a hundred of four hundred days have gone by"
    assert_agrees(project, expected, "a decay from an activity before every match")
