"""The oracle itself, held against published figures and against small cases worked out by hand."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import cases
import oracle
import pyarrow
import pyarrow.parquet
import pytest

AS_OF = date(2026, 3, 10)
SHIPPED_SEEDS = Path(__file__).resolve().parents[2] / "seeds"
MODEL = {
    "score_model": "m",
    "label": "Model",
    "is_default": "true",
    "normalisation": "clamp",
    "score_min": -1000,
    "score_max": 1000,
    "trend_threshold": 5,
}
BANDS = [("new", None, "cold"), ("warm", 20, "warm"), ("qualified", 50, "hot"), ("sales_qualified", 81, "hot")]
ENGAGEMENT_TYPES = (
    "page_viewed session_started email_opened email_clicked form_submitted file_downloaded quote_requested order_completed"
)
OTHER_TYPES = "email_sent email_delivered email_opened_by_machine form_failed email_unsubscribed"


# --------------------------------------------------------------------------------------------------------------------
# Small builders
# --------------------------------------------------------------------------------------------------------------------


def rule(rule_id: str = "r", kind: str = "event", **columns: Any) -> dict[str, Any]:
    """A row of the point grid of score model ``m``."""
    row = {"score_model": "m", "rule_id": rule_id, "subscore": "behaviour", "label": rule_id, "kind": kind}
    if kind in ("event", "frequency", "reset", "shortcut"):
        row["event_type"] = "page_viewed"
    if kind in ("event", "frequency", "attribute"):
        row["points"] = 10
    return {**row, **columns}


def make_config(*rules: dict[str, Any], **overrides: Any) -> oracle.Config:
    """A one-model Config; ``model`` overrides columns of the score model, other keywords whole seeds."""
    tables: dict[str, Any] = {
        "point_grid": rules,
        "score_models": [{**MODEL, **overrides.pop("model", {})}],
        "grade_scales": [
            {"score_model": "m", "axis": "score", "grade": grade, "lower_bound": bound}
            for grade, bound in (("C", 0), ("B", 20), ("A", 50))
        ],
        "segments": [
            {"score_model": "m", "segment": segment, "label": segment, "rank": rank, "lower_bound": bound, "temperature": heat}
            for rank, (segment, bound, heat) in enumerate(BANDS)
        ],
        "event_types": [
            {"event_type": code, "category": "any", "is_engagement": engaged, "is_machine": "machine" in code}
            for codes, engaged in ((ENGAGEMENT_TYPES, True), (OTHER_TYPES, False))
            for code in codes.split()
        ],
    }
    return oracle.config_from_rows(**{**tables, **overrides})


def at(days_ago: float = 0, hour: int = 12) -> datetime:
    """A UTC time ``days_ago`` before AS_OF."""
    return datetime(AS_OF.year, AS_OF.month, AS_OF.day, hour) - timedelta(days=days_ago)


def event(days_ago: float = 0, event_type: str = "page_viewed", **columns: Any) -> dict[str, Any]:
    """An event of ann@x.org; its id comes from its content."""
    row = {"event_type": event_type, "occurred_at": at(days_ago), "email": "ann@x.org", **columns}
    row.setdefault("loaded_at", row["occurred_at"])
    row.setdefault("event_id", repr(sorted(row.items(), key=lambda item: item[0])))
    return row


def contact(contact_id: str = "c1", days_ago: float = 400, **columns: Any) -> dict[str, Any]:
    """A version of a contact, created, updated and loaded ``days_ago``."""
    times = dict.fromkeys(("created_at", "updated_at", "loaded_at"), at(days_ago))
    return {"contact_id": contact_id, "email": "ann@x.org", **times, **columns}


def run(config: oracle.Config, as_of: date = AS_OF, zone: str = "UTC", known_at: Any = None, **tables: Any) -> oracle.Result:
    """Score raw rows given as keyword arguments."""
    return oracle.score(config, oracle.raw_from_rows(**tables), as_of, scoring_timezone=zone, known_at=known_at)


def only_score(result: oracle.Result) -> oracle.ScoreRow:
    """The one row of scores, after checking that its ledger closes."""
    (row,) = result.scores
    assert sum((entry.points for entry in result.contributions), Decimal(0)) == row.score_exact
    return row


def points(*rules: dict[str, Any], events: Any = (), contacts: Any = (), **more: Any) -> Decimal:
    """The exact score of the one lead."""
    overrides = {key: more.pop(key) for key in list(more) if key in (*oracle.SEEDS, "model")}
    return only_score(run(make_config(*rules, **overrides), events=events, contacts=contacts, **more)).score_exact


def identified(*emails_or_ids: str) -> set[str]:
    """The lead ids of e-mails."""
    return {oracle.md5(f"email:{email}") for email in emails_or_ids}


# --------------------------------------------------------------------------------------------------------------------
# Decay
# --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decay", "days", "percent", "age", "expected"),
    [
        (None, None, None, 999, "1"),
        ("half_life", "14", None, 0, "1"),
        ("half_life", "14", None, 14, "0.5"),
        ("half_life", "7", None, 91, "0.000122070313"),  # 0.5 ^ 13 ends in a 5 at the thirteenth place: away from zero
        ("half_life", "30", None, 1, "0.977159968434"),
        ("linear", "90", None, 3, "0.966666666667"),
        ("linear", "90", None, 90, "0"),
        ("linear", "90", None, 91, "0"),
        ("step", "30", "50", 29, "1"),
        ("step", "30", "50", 31, "0.5"),
        ("step", "30", "50", 60, "0"),
        ("step", "30", "40", 90, "0"),
        ("step_compound", "30", "50", 29, "1"),
        ("step_compound", "30", "50", 90, "0.125"),
        ("step_compound", "30", "100", 29, "1"),
        ("step_compound", "30", "100", 30, "0"),
        ("window", "30", None, 29, "1"),
        ("window", "30", None, 30, "0"),
    ],
)
def test_factor(decay: str | None, days: str | None, percent: str | None, age: int, expected: str) -> None:
    """Each family at age 0, on both sides of its edges and past them."""
    days, percent = (value and Decimal(value) for value in (days, percent))
    assert oracle.factor(decay, days, percent, age) == Decimal(expected)


# Figures asserted by Elasticsearch, x-pack/plugin/esql .../scalar/score/DecayTests.java (class DecayTests). Its linear is
# max(0, 1 - (1 - decay) x distance / scale), its exp decay ^ (distance / scale), distance being beyond the offset: so
# linear has our decay_days = scale / (1 - decay), and exp the half-life scale (decay 0.5) or scale / 2 (decay 0.25).
@pytest.mark.parametrize(
    ("decay", "decay_days", "distance", "expected"),
    [
        ("linear", 20, 0, 1.0),
        ("linear", 20, 10, 0.5),  # int defaults: 10, origin 0, scale 10, offset 0, decay 0.5
        ("linear", 20, 2500, 0.0),  # int: 2500, 0, 10, 0, 0.5
        ("linear", 20_000, 7537, 0.62315),  # datetime defaults: 2020-08-20 from 2000-01-01, 10000 days, 0, 0.5
        ("linear", 20_000, 9363, 0.53185),  # datetime defaults: 2025-08-20 from 2000-01-01
        ("linear", 20, 5, 0.75),  # int: 10, 0, 10, offset 5, 0.5
        ("half_life", 10, 0, 1.0),
        ("half_life", 10, 2500, 5.527147875260539e-76),  # int: 2500, 0, 10, 0, 0.5
        ("half_life", 10, 5, 0.7071067811865475),  # int: 10, 0, 10, offset 5, 0.5
        ("half_life", 50, 35, 0.6155722066724582),  # int: 50, 5, 100, offset 10, 0.25
        ("half_life", 5_000_000, 49_790, 0.9931214069469289),  # double: 50000, 10, 10000000, offset 200, 0.25
        ("half_life", 5_000_000, 299_790, 0.959292046002994),  # double: 300000, 10, 10000000, offset 200, 0.25
    ],
)
def test_factor_agrees_with_elasticsearch(decay: str, decay_days: int, distance: int, expected: float) -> None:
    """The peer computes in doubles: agreement to 12 places is all that there is."""
    assert float(oracle.factor(decay, Decimal(decay_days), None, distance)) == pytest.approx(expected, abs=6e-13)


def test_half_life_of_non_integer_days() -> None:
    """decay_days may be a decimal; a step counts whole periods of it."""
    assert oracle.factor("half_life", Decimal("3.5"), None, 7) == Decimal("0.25")
    assert oracle.factor("step", Decimal("2.5"), Decimal(10), 5) == Decimal("0.8")


# --------------------------------------------------------------------------------------------------------------------
# The figures of scoring.md section 10
# --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "age", "expected"),
    [
        ({"points": 9, "decay": "linear", "decay_days": 90}, 3, "8.7"),
        ({"points": 10, "decay": "step", "decay_days": 30, "decay_percent": 50}, 31, "5"),
        ({"points": 10, "decay": "step", "decay_days": 30, "decay_percent": 50}, 60, "0"),
        ({"points": 25, "decay": "half_life", "decay_days": 14}, 14, "12.5"),
    ],
)
def test_golden_decay(columns: dict[str, Any], age: int, expected: str) -> None:
    """MadKudu, HubSpot and margince."""
    assert points(rule(**columns), events=[event(age)]) == Decimal(expected)


@pytest.mark.parametrize(
    ("cycle_months", "as_of", "expected"),
    [
        (3, date(2026, 2, 15), 20),
        (3, date(2026, 3, 15), 40),
        (3, date(2026, 4, 15), 60),
        (3, date(2026, 7, 15), 60),  # six months: the grace of one more cycle is just used up
        (3, date(2026, 8, 15), 0),
        (4, date(2026, 2, 15), 15),
        (4, date(2026, 3, 15), 30),
        (4, date(2026, 4, 15), 45),
        (4, date(2026, 5, 15), 60),
        (4, date(2026, 4, 14), 30),
    ],
)
def test_golden_cycle(cycle_months: int, as_of: date, expected: int) -> None:
    """Heinz and Rosenberg, step 3; the last order on 15 January."""
    order = event(event_type="order_completed", occurred_at=datetime(2026, 1, 15, 9))
    config = make_config(model={"cycle_points": 60})
    result = run(config, as_of, events=[order], contacts=[contact(cycle_months=cycle_months)])
    assert only_score(result).cycle_points == expected
    (lead,) = result.leads.values()
    assert lead["is_lapsed"] == (expected == 0)


def test_golden_ready_a_month_early() -> None:
    """Cycle of 4 months, 3 months after, one visit (10) and one quote request (30): 85."""
    rules = rule("visit"), rule("quote", event_type="quote_requested", points=30)
    order = event(event_type="order_completed", occurred_at=datetime(2025, 12, 10, 9))
    events = [order, event(1), event(1, "quote_requested")]
    assert points(*rules, events=events, contacts=[contact(cycle_months=4)], model={"cycle_points": 60}) == 85


@pytest.mark.parametrize(
    ("score", "segment"),
    [(19, "new"), (20, "warm"), (49, "warm"), (50, "qualified"), (80, "qualified"), (81, "sales_qualified"), (-5, "new")],
)
def test_golden_segments(score: int, segment: str) -> None:
    """Brevo's bands, on both sides of every edge."""
    row = only_score(run(make_config(rule(points=score)), events=[event()]))
    assert (row.score, row.segment) == (score, segment)


def test_golden_pardot_defaults() -> None:
    """One form success, one tracked click, one page view, one form error: 49."""
    rules = [
        rule("form", event_type="form_submitted", points=50),
        rule("click", event_type="email_clicked", points=3),
        rule("view", points=1),
        rule("error", event_type="form_failed", points=-5),
    ]
    events = [event(1, event_type) for event_type in ("form_submitted", "email_clicked", "page_viewed", "form_failed")]
    assert points(*rules, events=events) == 49


@pytest.mark.parametrize(("thirds", "grade"), [(0, "D"), (1, "D+"), (2, "C-"), (3, "C")])
def test_golden_pardot_grade(thirds: int, grade: str) -> None:
    """Start D; a third of a letter for each point of fit."""
    scale = [
        {"score_model": "m", "axis": "fit", "grade": letter, "lower_bound": bound}
        for letter, bound in (("D", 0), ("D+", 1), ("C-", 2), ("C", 3))
    ]
    fit = rule(kind="attribute", subscore="fit", field="country", operator="eq", operand="de", points=thirds)
    result = run(make_config(fit, grade_scales=scale), contacts=[contact(country=" DE ")])
    assert only_score(result).grade == grade


# --------------------------------------------------------------------------------------------------------------------
# Ideas of Mautic's functional tests (PointActionFunctionalTest, PointTriggerFunctionalTest, issues 4582, 5213, 5369)
# --------------------------------------------------------------------------------------------------------------------


def test_points_equal_the_sum_of_the_log() -> None:
    """mautic/mautic#5369: contact points did not equal the points log. Here every correction is in it."""
    rules = [
        rule("a", points="7.1234", decay="half_life", decay_days=9, rule_group="g"),
        rule("b", points=20, rule_group="g"),
        rule("c", points=500, max_points=333, subscore="negative"),
    ]
    config = make_config(
        *rules,
        rule_groups=[{"score_model": "m", "rule_group": "g", "subscore": "behaviour", "combine": "max", "max_points": 15}],
        subscore_bounds=[{"score_model": "m", "subscore": "negative", "max_points": 300}],
        model={"normalisation": "sqrt", "raw_max": 400, "score_min": 0, "score_max": 70},
    )
    adjustment = {
        **{"adjustment_id": "a1", "email": "ann@x.org", "score_model": "m", "points": Decimal("100"), "reason": "call"},
        **{"author": "bo", "effective_on": AS_OF, "loaded_at": at()},
    }
    result = run(config, events=[event(3), event(4)], adjustments=[adjustment])
    row = only_score(result)
    assert (row.behaviour_points, row.negative_points, row.manual_points, row.raw_score) == (15, 300, 100, 415)
    assert row.score_exact == 70
    worth = {(entry.entry_type, entry.entry_id): (entry.points_uncapped, entry.points) for entry in result.contributions}
    fading = Decimal("5.653846") + Decimal("5.234753")  # 7.1234 x 0.5 ^ (3 / 9) and 0.5 ^ (4 / 9), rounded per date
    assert worth["rule", "a"] == (fading, fading)
    assert worth["rule", "c"] == (1000, 333)
    assert worth["group_combine", "g"][1] == -fading
    assert worth["group_bound", "g"][1] == -25
    assert worth["subscore_bound", "negative"][1] == -33
    assert worth["normalisation", "m"][1] == -345
    assert ("score_bound", "m") not in worth


def test_actions_repeat_unless_counted_once() -> None:
    """mautic/mautic#4582: an action fired once per contact unless repeatable was set."""
    events = [event(1), event(2)]
    assert points(rule(points=5), events=events) == 10
    assert points(rule(points=5, count_once_per="lead"), events=events) == 5


def test_several_page_hit_rules_add_up() -> None:
    """mautic/mautic#5213: 1 hit = 1 and 3 hits = 5 make 6; hits are counted in the window alone."""
    hits = [
        rule("one", "frequency", points=1, min_count=1, window_days=30),
        rule("three", "frequency", points=5, min_count=3, window_days=30),
    ]
    assert points(*hits, events=[event(1), event(2), event(3)]) == 6
    assert points(*hits, events=[event(1), event(2), event(30)]) == 1


def test_page_hit_needs_the_page() -> None:
    """Page hits: the address matches, or it does not."""
    pricing = rule(points=5, field="page_path", operator="eq", operand="/pricing")
    assert points(pricing, events=[event(page_path="/Pricing ")]) == 5
    assert points(pricing, events=[event(page_path="/prices")]) == 0


def test_groups_are_kept_apart() -> None:
    """Points of one group do not count in another, and each has its own bound."""
    rules = [rule("a", rule_group="g"), rule("b", rule_group="h"), rule("c", rule_group="h")]
    groups = [
        {"score_model": "m", "rule_group": group, "subscore": "behaviour", "combine": "sum", "max_points": 5} for group in "gh"
    ]
    result = run(make_config(*rules, rule_groups=groups), events=[event()])
    assert only_score(result).behaviour_points == 10
    bounds = {entry.entry_id: entry.points for entry in result.contributions if entry.entry_type == "group_bound"}
    assert bounds == {"g": -5, "h": -15}


# --------------------------------------------------------------------------------------------------------------------
# Which events exist
# --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"event_id": None}, "missing_event_id"),
        ({"event_id": " \u00a0"}, "missing_event_id"),
        ({"event_type": None}, "missing_event_type"),
        ({"event_type": "page_view"}, "unknown_event_type"),
        ({"occurred_at": None, "loaded_at": at()}, "missing_occurred_at"),
        ({"loaded_at": None}, "missing_loaded_at"),
        ({"occurred_at": datetime(1969, 12, 31, 23, 59)}, "impossible_time"),
        ({"occurred_at": oracle.YEAR_10000, "loaded_at": at()}, "impossible_time"),
        ({"occurred_at": datetime(1970, 1, 1)}, None),
        ({"occurred_at": at(), "loaded_at": at(1) - timedelta(microseconds=1)}, "future_event"),
        ({"occurred_at": at(), "loaded_at": at(1)}, None),
        ({"email": " "}, "no_identity"),
        ({"duration_seconds": -0.5}, "negative_duration"),
        ({"duration_seconds": 1e9}, "impossible_number"),
        ({"duration_seconds": 999_999_999.0}, None),
        ({"amount": float("inf")}, "impossible_number"),
        ({"amount": float("nan")}, "impossible_number"),
        ({"amount": 1e12}, "impossible_number"),
        ({"amount": -5.0}, None),
        ({"event_type": " Page_Viewed\n"}, None),
    ],
)
def test_quarantine(columns: dict[str, Any], reason: str | None) -> None:
    """Each reason, and what is just still an event."""
    row = event(**{"event_id": "e", **columns})
    (status,) = run(make_config(rule()), events=[row]).events
    assert (status.status, status.reason) == ("quarantined" if reason else "accepted", reason)


def test_delivery_that_wins() -> None:
    """The highest version, then the row loaded first, then null first in the order of the columns."""
    deliveries = [
        event(event_id="v", event_version=1, page_path="/a"),
        event(event_id="v", event_version=2, page_path="/b"),
        event(event_id="v", event_version=2, page_path="/a", loaded_at=at(0, 13)),
        event(event_id="w", page_path="/a", amount=1.0),
        event(event_id="w", page_path="/a"),
        event(event_id="x", event_version=0),
        event(event_id="x", event_version=1, is_deleted=True),
        event(event_id="y"),
        event(event_id="y"),
    ]
    result = run(make_config(rule()), events=deliveries)
    statuses = [status.status for status in result.events]
    assert statuses == [
        *("duplicate", "accepted", "duplicate"),
        *("duplicate", "accepted"),
        *("duplicate", "deleted"),
        *("accepted", "duplicate"),
    ]
    conflicts = {(conflict.loser_row_number, conflict.is_same_version) for conflict in result.conflicts}
    assert conflicts == {(0, False), (2, True), (3, True), (5, False)}
    assert only_score(result).score == 30


def test_order_of_rows_does_not_matter() -> None:
    """Turning the delivered rows round changes nothing but their numbers."""
    rows = [event(days % 7, event_id=str(days % 9), page_path=f"/{days % 4}", anonymous_id="a") for days in range(40)]
    rows += [event(days % 5, email=None, anonymous_id="a") for days in range(5)]
    config = make_config(rule(count_once_per="page_path", decay="half_life", decay_days=3))
    there, back = run(config, events=rows), run(config, events=rows[::-1])
    assert (there.scores, there.contributions, there.leads) == (back.scores, back.contributions, back.leads)


def test_known_at_hides_what_was_loaded_later() -> None:
    """Only rows loaded at or before known_at exist; a correction not yet known does not replace the event."""
    rows = [
        event(5, event_id="e"),
        event(5, event_id="e", event_version=1, is_deleted=True, loaded_at=at(1)),
        event(4, loaded_at=at(2)),
    ]
    config = make_config(rule())
    assert only_score(run(config, events=rows, known_at=at(3))).score == 10
    assert only_score(run(config, events=rows, known_at=at(2))).score == 20
    assert only_score(run(config, events=rows, known_at=at(1))).score == 10
    statuses = [status.status for status in run(config, events=rows, known_at=at(2)).events]
    assert statuses == ["accepted", "unknown", "accepted"]


def test_dates_are_those_of_the_scoring_time_zone() -> None:
    """Half past eleven at night in UTC is tomorrow in Berlin, also on the night when clocks change."""
    late = event(occurred_at=datetime(2026, 3, 28, 23, 30))
    config = make_config(rule())
    (entry,) = run(config, date(2026, 3, 30), events=[late]).contributions
    assert entry.first_on == date(2026, 3, 28)
    (entry,) = run(config, date(2026, 3, 30), zone="Europe/Berlin", events=[late]).contributions
    assert entry.first_on == date(2026, 3, 29)
    assert run(config, date(2026, 3, 28), zone="Europe/Berlin", events=[late]).scores == []


# --------------------------------------------------------------------------------------------------------------------
# Whose they are
# --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "key"),
    [
        (" Ann@X.org\t", "ann@x.org"),
        ("\u200b\u00a0ANN@x.ORG\ufeff ", "ann@x.org"),
        ("mu\u0308ller@x.org", "m\u00fcller@x.org"),
        ("AL\u0130CE@x.org", "alice@x.org"),
        (" NoAt ", " NoAt "),
        ("A@B@c", "A@B@c"),
    ],
)
def test_normalised_email(email: str, key: str) -> None:
    """One address, or an opaque key as it came."""
    assert oracle.normalised_email(email) == key


def test_lead_by_email_then_contact_then_anonymous() -> None:
    """The e-mail goes before the contact id, the contact id before the anonymous id."""
    rows = [
        event(9, email="bob@x.org", contact_id="c1", anonymous_id="a"),
        event(8, email=None, contact_id="c1", anonymous_id="a"),
        event(7, email=None, anonymous_id="a"),
        event(10, email=None, anonymous_id="a"),
        event(8.5, email=None, anonymous_id="a"),
        event(6, email=None, anonymous_id="nobody"),
        event(6, email=None, contact_id="c9"),
    ]
    ann, bob = oracle.md5("email:ann@x.org"), oracle.md5("email:bob@x.org")
    result = run(make_config(), events=rows, contacts=[contact("c1")])
    assert [status.lead_id for status in result.events] == [bob, ann, ann, bob, bob, None, oracle.md5("contact:generic:c9")]


def test_anonymous_ties_go_to_the_smaller_lead() -> None:
    """Two people identified at the same instant; a contact row identifies at its created_at."""
    rows = [event(5, email="ann@x.org", anonymous_id="a"), event(5, email="bob@x.org", anonymous_id="a")]
    rows += [event(4, email=None, anonymous_id="a"), event(2, email=None, anonymous_id="a")]
    contacts = [contact("c3", days_ago=3, email="cy@x.org", anonymous_id="a")]
    result = run(make_config(), events=rows, contacts=contacts)
    assert result.events[2].lead_id == min(identified("ann@x.org", "bob@x.org"))
    assert {result.events[3].lead_id} == identified("cy@x.org")


def link(contact_id: str, target: str, days_ago: float = 10, **columns: Any) -> dict[str, Any]:
    """A merge of one contact into another."""
    times = {"occurred_at": at(days_ago), "loaded_at": at(days_ago)}
    return {"contact_id": contact_id, "merged_into_contact_id": target, **times, **columns}


def test_merges() -> None:
    """Chains end at their root, a cycle at its smallest id, the latest link counts, the root's e-mail goes first."""
    contacts = [contact("a", email="a@x.org", days_ago=1), contact("b", email=None), contact("c", email="c@x.org")]
    links = [link("a", "b", 9), link("b", "c", 8), link("b", "zz", 20)]
    links += [link("k", "l"), link("l", "j"), link("j", "k"), link("i", "l"), link("s", "s")]
    rows = [event(1, email=None, contact_id=contact_id) for contact_id in "abcijkls"]
    rows += [event(1, email="a@x.org")]
    leads = [status.lead_id for status in run(make_config(), events=rows, contacts=contacts, identity_links=links).events]
    (root,) = identified("c@x.org")
    assert leads[:3] == [root] * 3
    assert leads[3:7] == [oracle.md5("contact:generic:j")] * 4
    assert leads[7] == oracle.md5("contact:generic:s")
    assert leads[8] == root  # no group bears a@x.org any more


def test_email_of_a_group_without_root() -> None:
    """The most recently updated contact with an e-mail names the lead, of two the smaller contact_id."""
    links = [link(contact_id, "gone") for contact_id in "abcd"]
    contacts = [contact("a", 9, email="a@x.org"), contact("b", 3, email="b@x.org"), contact("c", 3, email="c@x.org")]
    contacts += [contact("d", 1, email=None)]
    assert set(run(make_config(), contacts=contacts, identity_links=links).leads) == identified("b@x.org")


def test_a_changed_email_keeps_its_past() -> None:
    """The newest e-mail names the lead; events under the old one follow, unless somebody bears it now."""
    contacts = [
        contact(email="old@x.org", days_ago=50),
        contact(email="New@x.org", days_ago=20),
        contact(email=None, days_ago=1),
    ]
    rows = [event(40, email="old@x.org"), event(1, email="new@x.org")]
    result = run(make_config(rule()), events=rows, contacts=contacts)
    assert set(result.leads) == identified("new@x.org")
    assert only_score(result).score == 20
    result = run(make_config(rule()), events=rows, contacts=[*contacts, contact("c2", email="OLD@x.org")])
    assert set(result.leads) == identified("new@x.org", "old@x.org")


def test_erased_people_are_nowhere() -> None:
    """Every row that leads to them is gone, whatever it was; nobody else loses anything."""
    rows = [
        event(5, anonymous_id="a"),
        event(4, email=None, anonymous_id="a"),
        event(3, event_type="nonsense"),
        event(2, email="bob@x.org"),
        event(2, email=None, contact_id="c1"),
    ]
    erasure = {"email": " ANN@x.org", "requested_at": at(1), "loaded_at": at(1)}
    result = run(make_config(rule()), events=rows, contacts=[contact("c1")], erasures=[erasure])
    assert [status.status for status in result.events] == ["erased", "erased", "erased", "accepted", "erased"]
    assert set(result.leads) == identified("bob@x.org")


# --------------------------------------------------------------------------------------------------------------------
# Versions and traits
# --------------------------------------------------------------------------------------------------------------------


def test_version_of_a_contact_on_a_date() -> None:
    """The newest one by then, else the earliest; the most recently updated contact fills each field."""
    fit = rule(kind="attribute", subscore="fit", field="city", operator="eq", operand="berlin")
    versions = [contact(days_ago=20, city="Rome"), contact(days_ago=8, city="Berlin"), contact(days_ago=-3, city="Oslo")]
    row = only_score(run(make_config(fit), contacts=versions))
    assert (row.score, row.score_7d_ago, row.score_30d_ago, row.trend) == (10, 10, None, "steady")
    assert only_score(run(make_config(fit), as_of=AS_OF - timedelta(days=9), contacts=versions)).score == 0
    later = [contact(days_ago=-3, city="Rome"), contact(days_ago=-3, city="Berlin", loaded_at=at(-6)), contact(days_ago=-5)]
    early = only_score(run(make_config(fit), contacts=later, events=[event()]))
    assert early.score == 10  # of two earliest versions the one loaded last
    other = contact("c0", days_ago=2, city=None, country="NO", is_email_opted_out=True, has_marketing_consent=False)
    versions[1]["has_marketing_consent"] = True
    result = run(make_config(fit), contacts=[*versions[:2], other, contact("c2", days_ago=9, city="Paris")])
    (lead,) = result.leads.values()
    assert (lead["contact_id"], lead["city"], lead["country"]) == ("c0", "Berlin", "NO")
    assert (lead["is_email_opted_out"], lead["has_marketing_consent"]) == (True, False)


def trait(name: str, value: Any, operator: str = "eq") -> dict[str, Any]:
    """An attribute rule that asks for one value of one trait."""
    return rule(name, "attribute", subscore="fit", points=1, field=name, operator=operator, operand=value)


def test_derived_traits() -> None:
    """Every derived trait of a small history, and null without a denominator."""
    rows = [
        *(event(days, "email_delivered", email_id=f"m{days}") for days in (3, 4, 5, 95)),
        event(6, "email_delivered", email_id="m5"),
        *(event(days, "email_clicked", email_id=f"m{days}") for days in (3, 4, 5)),
        event(2, "email_opened", email_id="m3"),
        event(2, "email_opened", email_id="m95"),
        event(2, "email_opened_by_machine", email_id="m4", session_id="s4"),
        event(1, session_id="s1", page_path="/a", duration_seconds=10.5),
        event(1, session_id="s2", page_path="/a", occurred_at=at(1, 13)),
        event(1, session_id="s2", page_path="/b", occurred_at=at(1, 13) + timedelta(seconds=90)),
        event(1, "form_submitted", session_id="s3"),
        event(1, "order_completed"),
        event(89),
        event(90),
    ]
    expected = {
        "email_open_rate": "0.333333",
        "email_click_rate": 1,
        "clicked_last_3_emails": "true",
        # Three of a source's own, and the page view of 89 days ago that has none is a visit by itself.
        "session_count": 4,
        "bounce_rate": "0.5",
        "avg_session_seconds": "25.125",
        "pages_per_session": 1,
        "page_view_count": 4,
        "distinct_page_count": 2,
        "form_submission_count": 1,
        "order_count": 1,
        "days_since_last_activity": 1,
        "days_since_last_order": 1,
        "profile_completeness": "0.666667",
        "is_free_email": "true",
        "is_internal": "false",
        "email_domain": "X.ORG",
        "account_industry": "shoes",
    }
    seeds = {
        "profile_fields": [{"field": name} for name in ("email", "city", "company_domain")],
        "free_email_domains": [{"domain": "x.org"}],
    }
    account = {"company_domain": "Shoes.example", "industry": "Shoes", "updated_at": at(9), "loaded_at": at(9)}
    contacts = [contact(company_domain=" shoes.EXAMPLE")]
    config = make_config(*(trait(name, value) for name, value in expected.items()), **seeds)
    result = run(config, events=rows, contacts=contacts, accounts=[account])
    fired = {entry.rule_id for entry in result.contributions}
    assert set(expected) - fired == set()
    nothing = "email_open_rate email_click_rate bounce_rate avg_session_seconds pages_per_session days_since_last_order"
    config = make_config(*(trait(name, None, "is_null") for name in nothing.split()), trait("session_count", 0))
    assert only_score(run(config, events=[event(200)])).score == 7


# --------------------------------------------------------------------------------------------------------------------
# Conditions
# --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "operator", "operand", "expected"),
    [
        ("text", "\u2003 STRA\u00dfE ", "eq", "stra\u00dfe", True),
        ("text", "\u0130zmir", "eq", "izmir", True),
        ("text", "\u039f\u0394\u039f\u03a3", "eq", "\u03bf\u03b4\u03bf\u03c3", True),
        ("text", "a", "ne", "b", True),
        ("text", None, "ne", "b", False),
        ("text", None, "not_in", "b", False),
        ("text", None, "is_null", None, True),
        ("text", None, "not_null", None, False),
        ("text", "B", "in", "a | b ", True),
        ("text", "c", "not_in", "a|b", True),
        ("text", "/Pricing/x", "starts_with", "/pricing", True),
        ("text", "a.PDF ", "ends_with", ".pdf", True),
        ("text", "abc", "contains", "B", True),
        ("text", "/Blog/42", "matches", "^/blog/[0-9]+$", True),
        ("text", "x/blog/42", "matches", "^/blog", False),
        ("text", "10", "gt", "9.5", True),
        ("text", "ten", "gt", "9", False),
        ("number", 5, "eq", "5.0", True),
        ("number", 5, "in", "4|5.0", True),
        ("number", Decimal("0.333333"), "lt", "0.34", True),
        ("number", 5.0, "lte", "5", True),
        ("number", None, "lt", "5", False),
        ("boolean", True, "eq", "TRUE", True),
        ("boolean", False, "ne", "true", True),
        ("date", date(2026, 1, 5), "gte", "2026-01-05", True),
        ("date", date(2026, 1, 5), "lt", "2026-01-05", False),
        ("date", date(2026, 1, 5), "in", "2026-01-05|2026-02-05", True),
        ("property", "1.50", "eq", "1.5", False),
        ("property", "1.50", "gte", "1.5", True),
        ("property", " 7 ", "lt", "10", True),
        ("property", "seven", "lt", "10", False),
    ],
)
def test_condition(kind: str, value: Any, operator: str, operand: str | None, expected: bool) -> None:
    """Each operator on each kind of field it fits, and null."""
    check = oracle.compile_condition(oracle.Condition("field", operator, operand), kind)
    assert check(value) is check(value) is expected


def test_properties_are_read_as_text() -> None:
    """A key is literal; what is no object has no keys."""
    text = '{"a.b": " x ", "n": 7, "d": 1.5, "t": true, "z": null, "e": " "}'
    expected = {"a.b": " x ", "n": "7", "d": "1.5", "t": "true", "z": None, "e": None}
    assert oracle.property_texts(text) == expected
    for broken in ("[1]", "7", '{"a": ', "text", None, '{"a": NaN}'):
        assert oracle.property_texts(broken) == {}
    dotted = rule(field="properties.a.b", operator="eq", operand="X", points=3)
    assert points(dotted, events=[event(properties=text), event(1, properties="[]")]) == 3


# --------------------------------------------------------------------------------------------------------------------
# Kinds of rules
# --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({}, 50),
        ({"count_once_per": "lead"}, 10),
        ({"count_once_per": "day"}, 30),
        ({"count_once_per": "page_path"}, 40),  # /a, /b and the two without a path
        ({"count_once_per": "properties.x"}, 50),
        ({"max_per_day": 2}, 40),
        ({"max_points": 15}, 15),
        ({"points": -10, "max_points": 15}, -15),
        ({"active_from": "2026-03-08"}, 40),
        ({"active_from": "2026-03-08", "active_to": "2026-03-08"}, 10),
        ({"event_type": "page_viewed | email_opened"}, 60),
        ({"field": "page_path", "operator": "not_null"}, 30),
    ],
)
def test_event_rule(columns: dict[str, Any], expected: int) -> None:
    """What is counted, and how often."""
    rows = [event(0, page_path="/a", occurred_at=at(0, hour)) for hour in (1, 2)]
    rows += [event(0, event_id="n"), event(2, page_path="/b"), event(8), event(1, "email_opened")]
    assert points(rule(**columns), events=rows) == expected


def test_values_counted_once_are_compared_as_they_came() -> None:
    """``/a`` and ``/A`` are two pages here, though one for a condition; the earliest stays."""
    rows = [event(1, page_path="/a"), event(2, page_path="/A"), event(3, page_path="/a")]
    result = run(make_config(rule(count_once_per="page_path")), events=rows)
    (entry,) = result.contributions
    assert (entry.occurrences, entry.first_on, entry.last_on) == (2, at(3).date(), at(2).date())


def test_rounding_is_per_date_and_away_from_zero() -> None:
    """Each date's sum is rounded to 6 places, then they are added."""
    third = rule(points="0.0001", decay="linear", decay_days=3)
    assert points(third, events=[event(1), event(2)]) == Decimal("0.000067") + Decimal("0.000033")
    assert points({**third, "points": "-0.0001"}, events=[event(1)]) == Decimal("-0.000067")


def test_faded_rules_have_still_fired() -> None:
    """A contribution of 0 keeps its entry and its group's bounds."""
    group = {"score_model": "m", "rule_group": "g", "subscore": "behaviour", "combine": "sum", "min_points": 4}
    faded = rule(decay="window", decay_days=5, rule_group="g")
    result = run(make_config(faded, rule_groups=[group]), events=[event(5)])
    assert [(entry.entry_type, entry.points) for entry in result.contributions] == [("group_bound", 4), ("rule", 0)]
    result = run(make_config(faded, rule_groups=[group]), events=[event(5, "email_opened")])
    assert only_score(result).score == 0


def test_idle_clock() -> None:
    """decay_from last_activity: a new visit brings old points back; without any engagement each event has its own age."""
    opened = rule(event_type="form_submitted", decay="linear", decay_days=100, decay_from="last_activity")
    assert points(opened, events=[event(50, "form_submitted")]) == 5
    assert points(opened, events=[event(50, "form_submitted"), event(10)]) == 9
    failed = {**opened, "event_type": "form_failed"}
    assert points(failed, events=[event(50, "form_failed"), event(20, "form_failed")]) == 5 + 8


@pytest.mark.parametrize(
    ("columns", "days", "expected"),
    [
        ({"min_count": 2}, (0, 29), True),
        ({"min_count": 2}, (0, 30), False),
        ({"min_count": 1, "max_count": 2}, (1, 2, 3), False),
        ({"max_count": 2}, (), True),
        ({"max_count": 0}, (30,), True),
        ({"max_count": 0}, (29,), False),
        ({"min_count": 2, "max_per_day": 1}, (1, 1.1), True),  # looks at occurrences before max_per_day
        ({"min_count": 2, "count_once_per": "day"}, (1, 1.1), False),
    ],
)
def test_frequency_rule(columns: dict[str, Any], days: tuple[float, ...], expected: bool) -> None:
    """Both sides of every edge, in a window of 30 days."""
    rows = [event(400, "email_sent"), *(event(day) for day in days)]
    assert points(rule(kind="frequency", window_days=30, **columns), events=rows) == (10 if expected else 0)


@pytest.mark.parametrize(("known_for", "expected"), [(30, 10), (29, 0)])
def test_inactivity_needs_a_lead_known_long_enough(known_for: int, expected: int) -> None:
    """max_count = 0 holds from first_seen_on + window_days on."""
    silent = rule(kind="frequency", window_days=30, max_count=0)
    assert points(silent, contacts=[contact(days_ago=known_for)]) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ((100,), 0),
        ((59,), 10),
        ((60,), 0),  # the reset date is today
        ((100, 41), 20),
        ((100, 40), 20),  # an engagement on the reset date itself prevents the reset
        ((100, 39), 10),
        ((100, 45, 1), 30),
        ((130, 70, 9), 10),
        ((131, 70, 1), 10),  # of two resets the later one
    ],
)
def test_reset(days: tuple[int, ...], expected: int) -> None:
    """Sixty days without engagement clear what lies before."""
    assert points(rule(), rule("idle", "reset", window_days=60), events=[event(day) for day in days]) == expected


def test_reset_leaves_other_subscores_and_counts_once_for_good() -> None:
    """Resets touch the behaviour subscore only; what was counted once before the reset stays counted."""
    rules = [
        rule("idle", "reset", window_days=60),
        rule("once", count_once_per="lead"),
        rule("negative", subscore="negative", points=-1),
        rule("often", "frequency", window_days=365, min_count=2, points=100),
    ]
    assert points(*rules, events=[event(100), event(1)]) == -2


def test_shortcut_and_exclusion() -> None:
    """Excluded goes before the shortcut, the shortcut before the band; an excluded lead has no rank."""
    rules = [
        rule("quick", "shortcut", window_days=5, event_type="quote_requested", target_segment="qualified"),
        rule("hot", "shortcut", window_days=5, event_type="form_submitted", target_segment="sales_qualified"),
        rule("student", "exclude", subscore="fit", field="industry", operator="eq", operand="school"),
    ]
    rows = [event(4, "quote_requested"), event(5, "form_submitted")]
    row = only_score(run(make_config(*rules), events=rows))
    assert (row.segment, row.temperature, row.score_rank) == ("qualified", "hot", 1)
    assert only_score(run(make_config(*rules), events=[*rows, event(4, "form_submitted")])).segment == "sales_qualified"
    row = only_score(run(make_config(*rules), events=rows, contacts=[contact(industry="School")]))
    assert (row.segment, row.is_excluded, row.score_rank) == ("excluded", True, None)


# --------------------------------------------------------------------------------------------------------------------
# From rules to the score
# --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "raw", "expected"),
    [
        ({"score_min": 0, "score_max": 100}, 140, "100"),
        ({"score_min": 0, "score_max": 100}, -1, "0"),
        ({"normalisation": "scale", "raw_max": 300, "score_min": -5, "score_max": 100}, 100, "33.333333"),
        ({"normalisation": "scale", "raw_max": 300, "score_min": -5, "score_max": 100}, -100, "-5"),
        ({"normalisation": "sqrt", "raw_max": 200, "score_min": 0, "score_max": 100}, 100, "70.710678"),
        ({"normalisation": "sqrt", "raw_max": 200, "score_min": 0, "score_max": 100}, -3, "0"),
    ],
)
def test_normalisation(model: dict[str, Any], raw: int, expected: str) -> None:
    """Each normalisation within and outside of its range."""
    assert points(rule(points=raw), events=[event()], model=model) == Decimal(expected)


@pytest.mark.parametrize(
    ("normalisation", "expected"), [("scale", {"ann": 100, "bob": 25, "cy": -10}), ("sqrt", {"ann": 100, "bob": 50, "cy": 0})]
)
def test_the_largest_raw_score_is_the_maximum(normalisation: str, expected: dict[str, int]) -> None:
    """Without a raw_max: 40 of 40, 10 of 40 and less than nothing."""
    rows = [event(email="ann@x.example", page_path=path) for path in "1234"]
    rows += [event(email="bob@x.example"), event(email="cy@x.example", event_type="form_failed")]
    rules = [rule(points=10), rule("minus", event_type="form_failed", points=-4)]
    result = run(make_config(*rules, model={"normalisation": normalisation, "score_min": -50, "score_max": 100}), events=rows)
    found = {result.leads[row.lead_id]["email"].split("@")[0]: row.score_exact for row in result.scores}
    assert found == expected


def test_where_nobody_is_above_0_everybody_is_at_0() -> None:
    """There is no largest score to have a share of."""
    config = make_config(rule(points=-4), model={"normalisation": "scale", "score_min": -50, "score_max": 100})
    assert only_score(run(config, events=[event()])).score_exact == 0


def test_scaled_points() -> None:
    """30, 40 and 60 on a line from 20 to 100: 20, 20 + 80 x 10 / 30, 100; equal weights are all 100."""
    points = {name: Decimal(value) for name, value in {"open": 30, "form": 40, "meeting": 60}.items()}
    scaled = oracle.scaled_points(points, Decimal(20), Decimal(100))
    assert scaled == {"open": Decimal(20), "form": Decimal("46.666667"), "meeting": Decimal(100)}
    assert oracle.scaled_points({"open": Decimal(30)}, Decimal(20), Decimal(100)) == {"open": Decimal(100)}
    assert oracle.scaled_points({}, Decimal(20), Decimal(100)) == {}


def test_points_are_scaled_over_the_rules_that_count_for_anybody() -> None:
    """A rule that has faded for everybody does not stretch the line; attribute rules are left alone."""
    rules = [
        rule("light", points=30, decay="window", decay_days=30),
        rule("heavy", event_type="form_submitted", points=60, decay="window", decay_days=30),
        rule("faded", event_type="email_sent", points=1000, decay="window", decay_days=30),
        rule("trait", "attribute", subscore="fit", field="job_title", operator="not_null", points=5),
    ]
    model = {"points_scaling": "min_max", "scaled_points_min": 1, "scaled_points_max": 2}
    rows = [event(), event(31, "email_sent"), event(email="other@x.example", event_type="form_submitted")]
    result = run(make_config(*rules, model=model), events=rows, contacts=[contact(job_title="Boss")])
    given = {entry.entry_id: entry.points for entry in result.contributions}
    assert given == {"light": 1, "heavy": 2, "faded": 0, "trait": 5}


def test_a_weight_counts_after_the_bounds() -> None:
    """50 bounded to 40, a quarter of it in the score; fit makes the grade alone; the ledger closes."""
    rules = [rule(points=50), rule("trait", "attribute", subscore="fit", field="job_title", operator="not_null", points=7)]
    bounds = [
        {"score_model": "m", "subscore": "behaviour", "max_points": 40, "weight": "0.25"},
        {"score_model": "m", "subscore": "fit", "weight": 0},
    ]
    scale = [{"score_model": "m", "axis": "fit", "grade": grade, "lower_bound": bound} for grade, bound in (("B", 0), ("A", 7))]
    config = make_config(*rules, subscore_bounds=bounds, grade_scales=scale)
    result = run(config, events=[event()], contacts=[contact(job_title="Boss")])
    row = only_score(result)
    assert (row.behaviour_points, row.fit_points, row.raw_score, row.score, row.grade) == (40, 7, 10, 10, "A")
    corrections = {(entry.entry_type, entry.entry_id): entry.points for entry in result.contributions if entry.rule_id is None}
    assert corrections == {
        ("subscore_bound", "behaviour"): -10,
        ("subscore_weight", "behaviour"): -30,
        ("subscore_weight", "fit"): -7,
    }
    assert sum(entry.points for entry in result.contributions) == row.score_exact


def test_presets_are_read_when_they_are_named() -> None:
    """Off unless named; a name that is none is refused."""
    assert set(oracle.load_config(SHIPPED_SEEDS).score_models) == {"default"}
    assert set(oracle.load_config(SHIPPED_SEEDS, ["pardot"]).score_models) == {"default", "pardot"}
    with pytest.raises(LookupError, match="pardott"):
        oracle.load_config(SHIPPED_SEEDS, ["pardott"])


@pytest.mark.parametrize(("exact", "published"), [("0.5", 1), ("-0.5", -1), ("2.4999", 2), ("-2.5", -3)])
def test_published_score_is_rounded_away_from_zero(exact: str, published: int) -> None:
    """Halves leave zero."""
    assert only_score(run(make_config(rule(points=exact)), events=[event()])).score == published


def test_rank_grade_stage_and_reasons() -> None:
    """Equal scores rank by last activity, none last, then by lead_id; the ledger gives stage and reasons."""
    rules = [
        rule("view", stage="interest", points=5, label="Page view", decay="window", decay_days=10),
        rule("form", stage="exploration", event_type="form_submitted", points="12.5", label="Form"),
        rule("mail", event_type="email_sent", points=17, stage="engagement"),
        rule("minus", event_type="form_failed", points=-3, stage="exploration"),
        rule("faded", event_type="email_sent", points=9, stage="exploration", decay="window", decay_days=1),
    ]
    rows = [
        *(event(1, email="a@x.org"), event(1, "form_submitted", email="a@x.org"), event(0, "form_failed", email="a@x.org")),
        *(event(20, email="b@x.org"), event(1, "email_sent", email="b@x.org")),
        *(event(1, "email_sent", email="c@x.org"), event(1, "email_sent", email="d@x.org")),
    ]
    rows += [event(9, email="e@x.org"), event(9, "form_submitted", email="e@x.org")]
    result = run(make_config(*rules), events=rows)
    by_lead = {row.lead_id: row for row in result.scores}
    a, b, c, d, e = (by_lead[oracle.md5(f"email:{name}@x.org")] for name in "abcde")
    assert (a.score_exact, a.stage, a.grade) == (Decimal("14.5"), "exploration", "C")
    assert a.top_reasons == "Form (+12.5); Page view (+5.0); minus (-3.0)"
    assert (b.score, b.stage, b.top_reasons) == (17, "engagement", "mail (+17.0)")
    first, second = sorted((c, d), key=lambda row: row.lead_id)
    assert [row.score_rank for row in (e, b, first, second, a)] == [1, 2, 3, 4, 5]
    assert (e.score_exact, e.score) == (Decimal("17.5"), 18)


@pytest.mark.parametrize(
    ("days", "expected"),
    [((40, 1), "rising"), ((40,), "steady"), ((6,), "new"), ((7,), "steady"), ((40, 17), "falling")],
)
def test_trend(days: tuple[int, ...], expected: str) -> None:
    """The 7-day difference against the threshold; a lead first seen after that date is new."""
    fading = rule(decay="window", decay_days=15)
    row = only_score(run(make_config(fading, model={"trend_threshold": 10}), events=[event(day) for day in days]))
    assert row.trend == expected
    assert (row.score_7d_ago is None) == (expected == "new")


# --------------------------------------------------------------------------------------------------------------------
# Cycle, season, manual points
# --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 1, 31), date(2026, 2, 28), 1),
        (date(2026, 1, 30), date(2026, 2, 27), 0),
        (date(2024, 1, 31), date(2024, 2, 28), 0),
        (date(2024, 1, 31), date(2024, 2, 29), 1),
        (date(2025, 12, 15), date(2026, 3, 14), 2),
        (date(2025, 12, 15), date(2026, 3, 15), 3),
        (date(2026, 3, 15), date(2026, 3, 15), 0),
    ],
)
def test_whole_months(start: date, end: date, months: int) -> None:
    """A month is complete when its day is reached, or the last day of a shorter month."""
    assert oracle.whole_months(start, end) == months


@pytest.mark.parametrize(
    ("gaps", "model", "months"),
    [
        ([91, 92], {}, 3),
        ([91], {}, None),
        ([91], {"cycle_min_orders": 2}, 3),
        ([2, 3], {}, 1),
        ([30, 90], {"cycle_max_cv": "0.5"}, 2),
        ([30, 90], {"cycle_max_cv": "0.4999"}, None),
        ([45, 46], {}, 1),  # 45.5 days are 1.49 months
        ([46, 46, 46], {}, 2),
    ],
)
def test_estimated_cycle(gaps: list[int], model: dict[str, Any], months: int | None) -> None:
    """The median gap between order dates, where there are enough of them and they are regular."""
    days = [1000]
    for gap in gaps:
        days.append(days[-1] + gap)
    assert oracle.estimated_cycle_months(days, make_config(model=model).score_models["m"]) == months


def test_season_and_cycle_entries() -> None:
    """Season points in a month ordered in in two earlier years, or named for the industry; their dates are the orders'."""
    orders = [event(event_type="order_completed", occurred_at=datetime(year, 3, 2)) for year in (2024, 2025)]
    model = {"cycle_points": 60, "season_points": 7}
    result = run(make_config(model=model), events=orders, contacts=[contact(cycle_months=12)])
    entries = {entry.entry_type: entry for entry in result.contributions}
    assert (entries["cycle"].points, entries["season"].points) == (60, 7)
    assert (entries["season"].occurrences, entries["season"].first_on) == (2, date(2024, 3, 2))
    named = {"seasons": [{"industry": "Shoes", "month": 3, "label": "spring"}]}
    for industry, expected in (("SHOES ", 67), ("hats", 60)):
        people = [contact(cycle_months=12, industry=industry)]
        assert points(events=orders[1:], contacts=people, model=model, **named) == expected


def adjustment(**columns: Any) -> dict[str, Any]:
    """Five points for ann@x.org from nine days ago on."""
    row = {"adjustment_id": "a", "email": "ann@x.org", "score_model": "m", "points": Decimal(5), "reason": "met"}
    return {**row, "author": "bo", "effective_on": at(9).date(), "loaded_at": at(9), **columns}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([adjustment()], 5),
        ([adjustment(effective_on=AS_OF + timedelta(days=1))], 0),
        ([adjustment(expires_on=AS_OF)], 0),
        ([adjustment(expires_on=AS_OF + timedelta(days=1))], 5),
        ([adjustment(), adjustment(points=Decimal(-2), loaded_at=at(8))], -2),
        ([adjustment(), adjustment(adjustment_id="b", email=None, contact_id="c1", points=Decimal("0.25"))], "5.25"),
        ([adjustment(score_model="other")], 0),
    ],
)
def test_manual_points(rows: list[dict[str, Any]], expected: Any) -> None:
    """In force from effective_on up to, not including, expires_on; of one id the row loaded last."""
    assert points(contacts=[contact()], adjustments=rows) == Decimal(expected)


def test_unknown_seed_and_column_are_refused() -> None:
    """A misspelt name is an error, not an empty table."""
    with pytest.raises(TypeError, match="unknown seeds"):
        oracle.config_from_rows(point_gird=[])
    with pytest.raises(TypeError, match="unknown columns"):
        oracle.raw_from_rows(events=[{"event_typ": "page_viewed"}])


# --------------------------------------------------------------------------------------------------------------------
# Random cases
# --------------------------------------------------------------------------------------------------------------------

SEEDS = (1, 2, 3)


@pytest.fixture(scope="module", params=SEEDS)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> cases.Case:
    """A small random case."""
    folder = tmp_path_factory.mktemp(f"case{request.param}")
    return cases.make_case(request.param, folder / "seeds", folder / "raw", score_models=5, leads=20)


@pytest.fixture(scope="module")
def inputs(case: cases.Case) -> tuple[oracle.Config, oracle.Raw]:
    """Its seeds and rows, read back."""
    return oracle.load_config(case.seeds_dir), oracle.load_raw(case.raw_dir)


def test_cases_cover_everything(tmp_path: Path) -> None:
    """Three seeds have every feature between them, and no feature is undeclared."""
    found: set[str] = set()
    for seed in SEEDS:
        case = cases.make_case(seed, tmp_path / f"seeds{seed}", tmp_path / f"raw{seed}", leads=10)
        found |= cases.coverage(oracle.load_config(case.seeds_dir), oracle.load_raw(case.raw_dir), case.as_of_date)
    assert found == cases.FEATURES


def test_cases_are_repeatable(tmp_path: Path) -> None:
    """The same seed gives the same bytes, another seed others."""

    def contents(seed: int, name: str) -> Mapping[Path, bytes]:
        folder = tmp_path / name
        cases.make_case(seed, folder / "seeds", folder / "raw", score_models=3, leads=5)
        return {file.relative_to(folder): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}

    assert contents(4, "first") == contents(4, "second") != contents(5, "third")


def test_cases_hold_blank_text(case: cases.Case) -> None:
    """Blank strings are delivered, and read as null."""
    table = pyarrow.parquet.read_table(case.raw_dir / "generic" / "events")
    assert any(value is not None and not oracle.trimmed(value) for value in table.column("page_path").to_pylist())
    assert table.schema.field("occurred_at").type == pyarrow.timestamp("us")


def test_half_lives_of_cases_keep_away_from_rounding_ties() -> None:
    """No factor within 1e-15 of a tie, but for exact ones: a double is then precise enough."""
    with localcontext(oracle.EXACT):
        for days in map(Decimal, cases.SAFE_HALF_LIVES):
            daily = Decimal("0.5") ** (1 / days)
            factor = Decimal(1)
            for age in range(1, 1000):
                factor *= daily
                distance = abs(factor.scaleb(12) % 1 - Decimal("0.5"))
                assert factor < Decimal("4e-13") or distance < Decimal("1e-30") or distance > Decimal("0.001"), (days, age)


def test_every_ledger_closes(case: cases.Case, inputs: tuple[oracle.Config, oracle.Raw]) -> None:
    """The entries of each lead and score model add up to its score, exactly; each is there once."""
    result = oracle.score(*inputs, case.as_of_date, case.scoring_timezone)
    sums: dict[tuple[str, str], Decimal] = {}
    for entry in result.contributions:
        key = (entry.lead_id, entry.score_model)
        sums[key] = sums.get(key, Decimal(0)) + entry.points
    assert all(sums.get((row.lead_id, row.score_model), 0) == row.score_exact for row in result.scores)
    assert len(result.scores) == len(result.leads) * len(inputs[0].score_models)
    keys = Counter((entry.lead_id, entry.score_model, entry.entry_type, entry.entry_id) for entry in result.contributions)
    assert max(keys.values()) == 1


def test_nothing_depends_on_the_order_of_rows(case: cases.Case, inputs: tuple[oracle.Config, oracle.Raw]) -> None:
    """Shuffled tables give the same scores, ledger and leads, and the same fate for each row."""
    config, raw = inputs
    rng = random.Random(0)
    tables = {name: rng.sample(getattr(raw, name), len(getattr(raw, name))) for name in oracle.RAW_TABLES}
    before = oracle.score(config, raw, case.as_of_date)
    after = oracle.score(config, oracle.Raw(**tables), case.as_of_date)
    assert (after.scores, after.contributions, after.leads) == (before.scores, before.contributions, before.leads)
    fates = [Counter((status.event_id, status.loaded_at, status.status) for status in run.events) for run in (before, after)]
    assert fates[0] == fates[1]


def test_known_at_is_as_if_the_rest_did_not_exist(case: cases.Case, inputs: tuple[oracle.Config, oracle.Raw]) -> None:
    """known_at gives what a delivery cut at that moment gives; an erasure holds whenever it became known."""
    config, raw = inputs
    cut = {name: oracle.known_rows(getattr(raw, name), oracle.micros(case.known_at)) for name in oracle.RAW_TABLES}
    cut["erasures"] = raw.erasures
    full = oracle.score(config, raw, case.as_of_date, known_at=case.known_at)
    part = oracle.score(config, oracle.Raw(**cut), case.as_of_date)
    assert (full.scores, full.contributions, full.leads) == (part.scores, part.contributions, part.leads)
    assert 0 < len(cut["events"]) < len(raw.events)


def test_earlier_scores_are_those_of_the_earlier_date(case: cases.Case, inputs: tuple[oracle.Config, oracle.Raw]) -> None:
    """score_7d_ago is the score that a run for that date gives."""
    now = oracle.score(*inputs, case.as_of_date, case.scoring_timezone)
    then = oracle.score(*inputs, case.as_of_date - timedelta(days=7), case.scoring_timezone)
    scores_then = {(row.lead_id, row.score_model): row.score for row in then.scores}
    assert all(row.score_7d_ago == scores_then.get((row.lead_id, row.score_model)) for row in now.scores)


def test_missing_table_and_column(tmp_path: Path) -> None:
    """A missing table is empty, a missing optional column null, a missing required column an error that names it."""
    assert oracle.load_raw(tmp_path) == oracle.raw_from_rows(**{name: [] for name in oracle.RAW_TABLES})
    (tmp_path / "generic").mkdir()
    columns = {"company_domain": ["x.example"], "updated_at": [at(3)], "loaded_at": [at(3)]}
    file = tmp_path / "generic" / "accounts.parquet"
    pyarrow.parquet.write_table(pyarrow.table(columns), file)
    (row,) = oracle.load_raw(tmp_path).accounts
    assert (row["updated_at"], row["industry"]) == (oracle.micros(at(3)), None)
    pyarrow.parquet.write_table(pyarrow.table({"company_domain": ["x.example"], "updated_at": [at(3)]}), file)
    with pytest.raises(ValueError, match="loaded_at is missing"):
        oracle.load_raw(tmp_path)
