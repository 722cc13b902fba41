"""Audiences: who meets all conditions on traits, scores and rules is in, as the oracle says; nobody else is.

One build of a random case with a hundred audiences. How long members stay is tested where the log is, in test_segments_held.py.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from datetime import date
from decimal import localcontext
from pathlib import Path
from typing import Any

import cases
import oracle
import pytest
from building import Project

AUDIENCES = 100
AS_OF_DATE = cases.BASE_DATE
SCORE_KINDS = {
    **dict.fromkeys(("score", "score_7d_ago", "score_30d_ago", "score_rank"), "number"),
    **dict.fromkeys(("behaviour_points", "fit_points", "negative_points", "cycle_points", "manual_points"), "number"),
    **dict.fromkeys(("grade", "segment", "temperature", "stage", "trend"), "text"),
    "is_excluded": "boolean",
}
WORDS = {
    "grade": ["A1", "B2", "A", "C", "1"],
    "segment": ["cold", "warm", "HOT ", "excluded"],
    "temperature": ["cold", "Warm", "hot"],
    "stage": ["interest", "engagement", "exploration"],
    "trend": ["rising", "steady", "falling", "new"],
    "is_excluded": ["true", "false"],
}
DAYS_SINCE = "days_since_rule."

Asked = tuple[str, str, str | None]
"""Field, operator and operand of a condition."""


def operand_of(operator: str, values: list[str], chance: random.Random) -> str | None:
    """An operand for an operator; several for those that take several."""
    if operator in ("is_null", "not_null"):
        return None
    if operator in ("in", "not_in"):
        return " | ".join(chance.sample(values, min(2, len(values))))
    return chance.choice(values)


def score_condition(field: str, kind: str, chance: random.Random) -> Asked:
    """A condition on a column of the scores."""
    operators = [operator for operator in cases.OPERATORS[kind] if operator != "matches"]
    operator = chance.choice(operators)
    values = WORDS.get(field) or [str(number) for number in (-5, 0, 1, 2.5, 7, 10, 20, 30, 50)]
    return field, operator, operand_of(operator, values, chance)


def drawn_audiences(config: oracle.Config, chance: random.Random) -> dict[str, tuple[str | None, list[Asked]]]:
    """Audience -> score model and conditions; traits are asked as the rules of a large random grid ask them."""
    grid = cases.GridMaker(random.Random("audiences"), AS_OF_DATE).make(20, 10)["point_grid"]
    on_traits = [
        (str(row["field"]), str(row["operator"]), None if row.get("operand") in (None, "") else str(row["operand"]))
        for row in grid
        if row["kind"] in ("attribute", "exclude") and row.get("field")
    ]
    rules: dict[str, list[str]] = {}
    for rule in config.rules:
        rules.setdefault(rule.score_model, []).append(f"{DAYS_SINCE}{rule.rule_id}")
    audiences: dict[str, tuple[str | None, list[Asked]]] = {}
    for number in range(AUDIENCES):
        score_model = chance.choice([None, *config.score_models])
        asked: list[Asked] = []
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
            drawn = chance.random()
            if drawn < 0.4:
                asked.append(chance.choice(on_traits))
            elif drawn < 0.75:
                asked.append(score_condition(*chance.choice(list(SCORE_KINDS.items())), chance))
            else:
                field = chance.choice(rules[score_model or config.default_model.score_model])
                asked.append(score_condition(field, "number", chance))
        audiences[f"audience {number}"] = (score_model, list(dict.fromkeys(asked)))
    return audiences


def members(config: oracle.Config, raw: oracle.Raw, audiences: dict[str, tuple[str | None, list[Asked]]]) -> set[tuple[str, str]]:
    """Pairs of audience and lead."""
    scores = {(row.score_model, row.lead_id): row for row in oracle.score(config, raw, AS_OF_DATE).scores}
    found = set()
    with localcontext(oracle.EXACT):
        scorer = oracle.Scorer(config, raw, "UTC", None, 90)
        people = scorer.people_on(AS_OF_DATE.toordinal())
        planned = {one.model.score_model: one for one in scorer.models}
        for audience, (named, asked) in audiences.items():
            score_model = named or config.default_model.score_model
            for lead, traits in people:
                row = scores[score_model, lead.lead_id]

                def value(
                    field: str, lead: oracle.Lead = lead, traits: oracle.Traits = traits, row: Any = row
                ) -> tuple[Any, str]:
                    if field.startswith(DAYS_SINCE):
                        rule = next(
                            one
                            for rules in planned[row.score_model].by_kind.values()
                            for one in rules
                            if one.rule.rule_id == field.removeprefix(DAYS_SINCE)
                        )
                        met = rule.matches.get(lead.lead_id, oracle.NO_EVENTS).between(oracle.BEGINNING, AS_OF_DATE.toordinal())
                        last = max((day for day, _ in met), default=None)
                        return (None if last is None else AS_OF_DATE.toordinal() - last), "number"
                    if field in SCORE_KINDS:
                        return getattr(row, field), SCORE_KINDS[field]
                    if field == "is_lapsed":
                        return traits.cycle(planned[row.score_model].model).is_lapsed, "boolean"
                    return traits.value(field), oracle.TRAIT_KINDS[field]

                if all(oracle.compile_condition(oracle.Condition(*one), value(one[0])[1])(value(one[0])[0]) for one in asked):
                    found.add((audience, lead.lead_id))
    return found


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Project, dict[str, tuple[str | None, list[Asked]]], set[tuple[str, str]]]:
    """The case built once, its audiences, and the members that they should have."""
    folder = tmp_path_factory.mktemp("audiences")
    case = cases.make_case(5, folder / "seeds", folder / "raw", score_models=3, leads=30)
    config, raw = oracle.load_config(case.seeds_dir), oracle.load_raw(case.raw_dir)
    audiences = drawn_audiences(config, random.Random("audiences"))
    write(
        case.seeds_dir / "audiences.csv",
        ["audience", "label", "score_model", "min_days", "note"],
        [[name, name, score_model, "", ""] for name, (score_model, _) in audiences.items()],
    )
    write(
        case.seeds_dir / "audience_conditions.csv",
        ["audience", "field", "operator", "operand"],
        [[name, *one] for name, (_, asked) in audiences.items() for one in asked],
    )
    project = Project(folder / "project")
    project.replace_seeds(case.seeds_dir)
    outcome = project.dbt(
        *(
            "build",
            "--select",
            "+fct_audience_membership",
            "--exclude-resource-type",
            "test",
            "--exclude-resource-type",
            "unit_test",
        ),
        raw=case.raw_dir,
        variables={"as_of_date": str(AS_OF_DATE)},
    )
    assert outcome.success, [node.message for node in getattr(outcome.result, "results", None) or []]
    return project, audiences, members(config, raw, audiences)


def write(file: Path, columns: list[str], rows: list[list[Any]]) -> None:
    """Write a seed."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerows([columns, *rows])


def test_members_are_those_who_meet_all_conditions(
    built: tuple[Project, dict[str, tuple[str | None, list[Asked]]], set[tuple[str, str]]], record_property: Callable[..., None]
) -> None:
    project, audiences, expected = built
    found = {(row["audience"], row["lead_id"]) for row in project.rows("select * from intermediate.int_audience_members")}
    wrong = sorted({audience for audience, _ in found ^ expected})
    assert not wrong, [(audiences[name], sorted(one for one in found ^ expected if one[0] == name)[:3]) for name in wrong[:5]]
    partly = {audience for audience, _ in expected}
    assert len(partly) > AUDIENCES / 2
    record_property("tried", f"audiences: {len(partly)} of {len(audiences)} have members, {len(expected)} in all")


def test_members_enter_on_the_day_of_the_first_build(
    built: tuple[Project, dict[str, tuple[str | None, list[Asked]]], set[tuple[str, str]]],
) -> None:
    project, _, expected = built
    rows = project.rows("select * from marts.fct_audience_membership")
    assert {(row["audience"], row["lead_id"]) for row in rows} == expected
    assert {(row["entered_on"], row["left_on"], row["reason"]) for row in rows} == {(date(2026, 4, 15), None, "conditions")}
