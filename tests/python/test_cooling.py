"""The date on which decay alone takes a score under its band, against the scorer in plain Python that ``explain`` looks ahead with, day by day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from lead_scoring import explain, forecast
from lead_scoring.database import Database, opened

HORIZON = 343
LEADS = 60


def first_day_under(lead: forecast.Lead, model: forecast.ScoreModel, lower_bound: Decimal, today: date) -> date | None:
    """The first date on which the score is under a bound if nothing but the age of the lead's events changes."""
    wiped = forecast.latest_reset(lead, today)
    standing = forecast.entries_on(lead, today)
    for days in range(HORIZON + 1):
        entries = []
        for entry in standing:
            rule = next((rule for rule in lead.rules if rule.kind == "event" and entry == _entry_of(rule, entry)), None)
            if rule is None:
                entries.append(entry)
                continue
            counted = {
                day: count
                for day, count in rule.days.items()
                if day <= today and (wiped is None or rule.subscore != "behaviour" or day > wiped)
            }
            # A rule that does not decay has no age.
            on = today + timedelta(days=days if rule.decay else 0)
            points = forecast.event_points(rule, counted, lead, on)
            entries.append(forecast.Entry(entry.entry_type, entry.entry_id, entry.label, entry.subscore, entry.group_key, points))
        score = forecast.score_of(entries, model).quantize(Decimal(1), ROUND_HALF_UP)
        if score < lower_bound:
            return today + timedelta(days=days)
    return None


def _entry_of(rule: forecast.Rule, entry: forecast.Entry) -> forecast.Entry | None:
    """The entry itself, where it is the one of a rule."""
    return entry if entry.entry_type == "rule" and entry.entry_id == rule.rule_id else None


def known(database: Database, lead_id: str, score_model: str) -> forecast.Lead:
    """What the build knows of a lead."""
    lead = database.rows("select * from marts.dim_leads where lead_id = ?", [lead_id])[0]
    score = database.rows("select * from marts.fct_lead_scores where lead_id = ? and score_model = ?", [lead_id, score_model])[0]
    ledger = database.rows(
        "select * from marts.fct_lead_score_contributions where lead_id = ? and score_model = ?", [lead_id, score_model]
    )
    return explain.load_lead(database, lead, score, ledger)


def test_it_is_the_first_day_under_the_band(demo_database: Path) -> None:
    with opened(demo_database) as database:
        asked = database.rows(
            "select leads.*, dates.cools_down_on, (select max(as_of_date) from marts.fct_lead_scores) as today"
            " from intermediate.int_cooling_leads as leads left join intermediate.int_cooling_dates as dates using (lead_id, score_model)"
            f" order by md5(lead_id) limit {LEADS}"
        )
        model = explain.load_score_model(database, "default")
        found = {row["lead_id"]: row["cools_down_on"] for row in asked}
        expected = {
            row["lead_id"]: first_day_under(known(database, row["lead_id"], "default"), model, row["lower_bound"], row["today"])
            for row in asked
        }
    assert found == expected
    assert sum(1 for day in found.values() if day) > LEADS / 4, "too few scores cool down to say anything"
    assert any(day is None for day in found.values())


def test_nobody_in_the_lowest_band_and_nobody_excluded_is_asked_about(demo_database: Path) -> None:
    with opened(demo_database) as database:
        wrong = database.rows(
            "select * from intermediate.int_cooling_leads as leads inner join marts.fct_lead_scores as scores using (lead_id, score_model)"
            " where scores.is_excluded or scores.segment_reason = 'score' and scores.segment = 'new'"
        )
        assert wrong == []
