"""How far score models agree, worked out again: ranks, their correlation and the top tenth in plain Python, pair by pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import sqrt
from pathlib import Path
from typing import Any

import cases
import pytest
from building import Project

SCORE_MODELS = 6
AS_OF = "2026-04-15"
MILLIONTH = Decimal("0.000001")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A build of six random score models, data tests included."""
    folder = tmp_path_factory.mktemp("model_agreement")
    cases.make_case(3, folder / "seeds", folder / "raw", score_models=SCORE_MODELS)
    project = Project(folder / "project")
    project.replace_seeds(folder / "seeds")
    project.build(folder / "raw", {"as_of_date": AS_OF}, without=("unit_test",))
    return project


def mean_ranks(values: Sequence[Decimal]) -> list[Fraction]:
    """The rank of each value from the smallest, equal values with the mean of theirs."""
    return [
        Fraction(1 + sum(other < value for other in values)) + Fraction(values.count(value) - 1, 2)
        for value in values
    ]  # fmt: skip


def spearman(left: Sequence[Decimal], right: Sequence[Decimal]) -> float | None:
    """Pearson's correlation of the ranks; None when one side has only one value."""
    ranks, other_ranks = mean_ranks(left), mean_ranks(right)
    mean = Fraction(len(left) + 1, 2)
    covariance = sum(((a - mean) * (b - mean) for a, b in zip(ranks, other_ranks, strict=True)), Fraction(0))
    variance, other_variance = (sum(((rank - mean) ** 2 for rank in side), Fraction(0)) for side in (ranks, other_ranks))
    return float(covariance) / sqrt(variance * other_variance) if variance and other_variance else None


def agreement(scores: Mapping[str, Mapping[str, Any]], other_scores: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the mart says of two score models, out of their scores by lead."""
    leads = sorted(scores.keys() & other_scores.keys())
    size = -(-len(leads) // 10)
    best, other_best = (set(sorted(leads, key=lambda lead: side[lead]["score_rank"])[:size]) for side in (scores, other_scores))
    return {
        "lead_count": len(leads),
        "spearman_correlation": spearman(*([side[lead]["score_exact"] for lead in leads] for side in (scores, other_scores))),
        "top_decile_size": size,
        "top_decile_overlap": len(best & other_best) / size if size else None,
        "leads_in_different_segments": sum(scores[lead]["segment"] != other_scores[lead]["segment"] for lead in leads),
        "leads_at_different_temperatures": sum(
            scores[lead]["temperature"] != other_scores[lead]["temperature"] for lead in leads
        ),
    }


def test_spearman_by_hand() -> None:
    """Ties have the mean rank: 7.25 / 9.5; the formula without ties gives 1 - 6 x 8 / (11 x 120)."""
    assert spearman([*map(Decimal, (10, 20, 20, 30, 40))], [*map(Decimal, (1, 3, 2, 2, 5))]) == pytest.approx(7.25 / 9.5)
    swapped = [*map(Decimal, (3, 2, 1, *range(4, 12)))]
    assert spearman([*map(Decimal, range(1, 12))], swapped) == pytest.approx(1 - 48 / 1320)
    assert spearman([Decimal(1)] * 3, swapped[:3]) is None


def test_every_pair_agrees_as_it_should(project: Project) -> None:
    """Each pair once, in alphabetical order, with every number."""
    by_model: dict[str, dict[str, dict[str, Any]]] = {}
    for row in project.rows("select * from marts.fct_lead_scores where not is_excluded"):
        by_model.setdefault(row["score_model"], {})[row["lead_id"]] = row
    built = {
        (row.pop("score_model"), row.pop("other_score_model")): row
        for row in project.rows("select * from marts.rpt_model_agreement")
    }
    assert sorted(built) == list(combinations(sorted(by_model), 2))
    assert len(built) == SCORE_MODELS * (SCORE_MODELS - 1) / 2
    for (score_model, other), row in built.items():
        assert str(row.pop("as_of_date")) == AS_OF
        for name, value in agreement(by_model[score_model], by_model[other]).items():
            if isinstance(value, float):
                assert abs(row[name] - Decimal(value)) <= MILLIONTH, (score_model, other, name)
            else:
                assert row[name] == value, (score_model, other, name)


def test_the_case_is_worth_the_name(project: Project) -> None:
    """Ties, exclusions that differ, and pairs that agree well and badly."""
    (found,) = project.rows(
        "select count(distinct lead_count) as counts, max(spearman_correlation) - min(spearman_correlation) as spread,"
        " max(leads_in_different_segments) as segments from marts.rpt_model_agreement"
    )
    assert found["counts"] > 1
    assert found["spread"] > Decimal("0.3")
    assert found["segments"] > 0
    assert project.rows(
        "select 1 from marts.fct_lead_scores where not is_excluded group by score_model, score_exact having count(*) > 1 limit 1"
    )


def test_the_law_sees_a_wrong_number(project: Project, tmp_path: Path) -> None:
    """A correlation above 1 fails the data test."""
    project.execute("update marts.rpt_model_agreement set spearman_correlation = 1.5 where spearman_correlation is not null")
    outcome = project.dbt("test", "--select", "assert_model_agreement_is_possible", raw=tmp_path, variables={"as_of_date": AS_OF})
    assert not outcome.success
