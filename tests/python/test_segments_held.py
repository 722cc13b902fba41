"""Segments with memory: what a lead holds, since when, and its stints follow from the published daily scores alone.

dbt compiles the models of the log once; random lives of a few dozen leads then go through that SQL day by day in DuckDB, where sixty true builds would
take an hour. The oracle is plain Python. One short life goes through true builds: it swings by adjustments, is built anew, and its log is of an older version.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import pytest
from compiled import Models, Tables, compile_models

LIVES = int(os.environ.get("LEAD_SCORING_HELD_LIVES", "2"))
DAYS, LEADS = 60, 40
FIRST = date(2026, 1, 5)
BEFORE_THE_LOG = ("int_last_standings", "int_held_segments", "int_standings")
AFTER_THE_LOG = (
    *("int_daily_standings_published", "int_stints", "fct_segment_membership", "fct_segment_transitions"),
    *("fct_audience_membership", "fct_audience_transitions"),
)
LOG = "int_scores_published"
GIVEN = {
    "fct_lead_scores": "lead_id varchar, score_model varchar, as_of_date date, score int, grade varchar, segment varchar, segment_reason varchar,"
    " trend varchar, grid_version varchar",
    "dim_leads": "lead_id varchar",
    "int_audience_members": "audience varchar, lead_id varchar",
    "stg_config__audiences": "audience varchar, min_days int",
    "stg_config__segments": "score_model varchar, segment varchar, rank int, lower_bound decimal(10, 4), enter_margin decimal(10, 4), min_days int",
    "int_erased_leads": "lead_id varchar",
    "int_lead_aliases": "alias_id varchar, lead_id varchar",
}
"""What the models of the log read, as tables that the test fills."""


class Segment(NamedTuple):
    """A row of segments.csv."""

    score_model: str
    segment: str
    rank: int
    lower_bound: float | None
    enter_margin: float
    min_days: int


class Score(NamedTuple):
    """What was scored of a lead on a day."""

    score: int | None
    segment: str
    reason: str


class Held(NamedTuple):
    """What a lead holds, why, and since when."""

    segment: str
    reason: str
    entered_on: date


class Stint(NamedTuple):
    """How long it held it."""

    segment: str
    entered_on: date
    left_on: date | None
    reason: str


Key = tuple[str, str]
Scores = dict[Key, Score]
Standing = dict[Key, Held]


# ---------------------------------------------------------------------------------------------------------------------
# The oracle
# ---------------------------------------------------------------------------------------------------------------------


def band(segments: Iterable[Segment], score: int) -> Segment:
    """The segment of the highest bound that the score reaches."""
    return max((one for one in segments if one.lower_bound is None or score >= one.lower_bound), key=lambda one: one.rank)


def moved(segments: list[Segment], last: Held, today: Score, day: date) -> str:
    """The segment that a lead holds which held another one; ``segments`` are those of the score model, by rank."""
    names = [one.segment for one in segments]
    if today.reason != "score" or last.segment not in names:
        return today.segment
    held, there = names.index(last.segment), names.index(today.segment)
    if (day - last.entered_on).days < segments[held].min_days:
        return last.segment
    assert today.score is not None
    reached = held
    if there > held:
        # Every lower bound on the way is an edge; the far ones may ask for less than the near ones.
        for place in range(held + 1, there + 1):
            edge = segments[place].lower_bound
            assert edge is not None
            if today.score >= edge + segments[place].enter_margin:
                reached = place
    for place in range(held - 1, there - 1, -1):
        edge = segments[place + 1].lower_bound
        assert edge is not None
        if today.score <= edge - segments[place].enter_margin:
            reached = place
    return names[reached]


class Oracle:
    """What is held day by day, from the last publication of every date."""

    def __init__(self, segments: list[Segment], audiences: dict[str, int]) -> None:
        self.segments: dict[str, list[Segment]] = {}
        for segment in sorted(segments, key=lambda one: one.rank):
            self.segments.setdefault(segment.score_model, []).append(segment)
        self.audiences = audiences
        self.days: dict[date, Standing] = {}

    def before(self, day: date) -> Standing:
        """What was held last before a day."""
        earlier = [other for other in self.days if other < day]
        return self.days[max(earlier)] if earlier else {}

    def held(self, day: date, scores: Scores, members: set[tuple[str, str]]) -> Standing:
        """What is held on a day with these scores and members (audience, lead)."""
        before, standing = self.before(day), {}
        for key, today in scores.items():
            last = before.get(key)
            segment = today.segment if last is None else moved(self.segments[key[1]], last, today, day)
            standing[key] = last if last and last.segment == segment else Held(segment, today.reason, day)
        leads = {lead for lead, _ in scores}
        for audience, min_days in self.audiences.items():
            for lead in leads:
                key = (lead, f"audience:{audience}")
                last = before.get(key)
                if (audience, lead) in members or (last and (day - last.entered_on).days < min_days):
                    standing[key] = last or Held(audience, "conditions", day)
        return standing

    def stints(self) -> dict[Key, list[Stint]]:
        """Every stint of every lead."""
        stints: dict[Key, list[Stint]] = {}
        before: Standing = {}
        for day, standing in sorted(self.days.items()):
            for key in before.keys() | standing.keys():
                last, now = before.get(key), standing.get(key)
                if last and (now is None or now.segment != last.segment):
                    stints[key][-1] = stints[key][-1]._replace(left_on=day)
                if now and (last is None or last.segment != now.segment):
                    stints.setdefault(key, []).append(Stint(now.segment, day, None, now.reason))
            before = standing
        return stints


# ---------------------------------------------------------------------------------------------------------------------
# The SQL
# ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Models, Models]:
    """Compiled twice, since they ask the database whether there is a log."""
    folder = tmp_path_factory.mktemp("compiled")
    names = (*BEFORE_THE_LOG, LOG, *AFTER_THE_LOG)
    opening = compile_models(folder / "opening", names, GIVEN)
    return opening, compile_models(folder / "going_on", names, GIVEN, [opening.relations[LOG]])


class Database(Tables):
    """The log and what stands around it."""

    def __init__(self, models: tuple[Models, Models]) -> None:
        super().__init__(models[0], GIVEN)
        self.going_on = models[1]

    def publish(self, day: date, scores: Scores, members: set[tuple[str, str]]) -> None:
        """What a run of a day does with its scores."""
        self.fill(
            "fct_lead_scores",
            [
                (lead, model, day, one.score, "A", one.segment, one.reason, "steady", "v")
                for (lead, model), one in sorted(scores.items())
            ],
        )
        self.fill("dim_leads", [(lead,) for lead in sorted({lead for lead, _ in scores})])
        self.fill("int_audience_members", sorted(members))
        for name in BEFORE_THE_LOG:
            self.make(name, day)
        if self.models is not self.going_on:
            self.make(LOG, day)
            self.models = self.going_on
        else:
            self.connection.execute(f"insert into {self.relations[LOG]} {self.models.statement(LOG, day)}")

    def held(self) -> Standing:
        """What int_standings says."""
        query = f"select lead_id, score_model, held_segment, held_reason, entered_on from {self.relations['int_standings']}"
        return {(lead, model): Held(*held) for lead, model, *held in self.connection.execute(query).fetchall()}


# ---------------------------------------------------------------------------------------------------------------------
# Lives
# ---------------------------------------------------------------------------------------------------------------------


@dataclass
class Life:
    """Leads that come, go, and whose scores swing around the edges."""

    chance: random.Random
    segments: list[Segment] = field(default_factory=list)
    audiences: dict[str, int] = field(default_factory=dict)
    leads: dict[str, int] = field(default_factory=dict)
    """Where each lead's score is about to be."""

    def __post_init__(self) -> None:
        chance = self.chance
        for model in ("m", "n", "o"):
            bounds: list[float | None] = [None, *sorted(chance.sample((20, 33.5, 50, 60, 81), chance.randint(0, 4)))]
            self.segments += [
                Segment(
                    model, f"s{number}", number * 10, bound, chance.choice((0, 0, 2, 2.5, 5, 12)), chance.choice((0, 0, 2, 5, 9))
                )
                for number, bound in enumerate(bounds)
            ]
        self.audiences = {"a": 0, "b": chance.randint(1, 9)}
        self.leads = {f"lead{number}": chance.randint(0, 100) for number in range(LEADS)}

    def scores(self, models: Iterable[str]) -> Scores:
        """The scores of a day; everybody moves a little, some jump, some are away."""
        scores: Scores = {}
        for lead, about in self.leads.items():
            self.leads[lead] = self.chance.randint(0, 100) if self.chance.random() < 0.05 else about
            if self.chance.random() < 0.04:
                continue
            for model in models:
                bands = [one for one in self.segments if one.score_model == model]
                score = min(100, max(0, self.leads[lead] + round(self.chance.gauss(0, 7))))
                drawn = self.chance.random()
                if drawn < 0.03:
                    scores[lead, model] = Score(score, "excluded", "exclude:rival")
                elif drawn < 0.08:
                    scores[lead, model] = Score(score, self.chance.choice(bands).segment, "shortcut:quote")
                else:
                    scores[lead, model] = Score(score, band(bands, score).segment, "score")
        return scores


def seen(database: Database, oracle: Oracle, day: date, counts: dict[str, int]) -> None:
    """Stints and transitions, and that what is held now agrees with the stint that lasts."""
    for name in AFTER_THE_LOG:
        database.make(name, day)
    expected = oracle.stints()
    segments = {key: stints for key, stints in expected.items() if not key[1].startswith("audience:")}
    found = {(lead, model, *rest) for lead, model, *rest in database.rows("fct_segment_membership")}
    assert found == {(*key, *stint) for key, stints in segments.items() for stint in stints}
    changes = set()
    for key, stints in segments.items():
        for last, stint in zip([None, *stints], stints, strict=False):
            came_from = last.segment if last and last.left_on == stint.entered_on else None
            changes.add((*key, came_from, stint.segment, stint.entered_on))
    assert set(database.rows("fct_segment_transitions")) == changes
    audiences = {
        (lead, *stint) for (lead, model), stints in expected.items() if (lead, model) not in segments for stint in stints
    }
    assert set(database.rows("fct_audience_membership")) == audiences
    assert set(database.rows("fct_audience_transitions")) == {
        (lead, audience, word, moment)
        for lead, audience, entered_on, left_on, _ in audiences
        for word, moment in (("entered", entered_on), ("left", left_on))
        if moment is not None
    }
    lasting = {key: stints[-1] for key, stints in expected.items() if stints[-1].left_on is None}
    assert {key: Held(stint.segment, stint.reason, stint.entered_on) for key, stint in lasting.items()} == database.held()
    counts["stints"] += len(found)
    counts["audience stints"] += len(audiences)


@pytest.mark.parametrize("number", range(LIVES))
def test_what_is_held_follows_from_what_was_published(
    number: int, models: tuple[Models, Models], record_property: Callable[..., None]
) -> None:
    """Sixty days with days skipped, days repeated, questions about the past, and a score model that is off for a while."""
    chance = random.Random(f"held {number}")
    life, database = Life(chance), Database(models)
    oracle = Oracle(life.segments, life.audiences)
    database.fill("stg_config__segments", [tuple(one) for one in life.segments])
    database.fill("stg_config__audiences", list(life.audiences.items()))
    counts = dict.fromkeys(("stints", "audience stints", "kept", "repeated", "questions"), 0)
    for offset in range(DAYS):
        if chance.random() < 0.2:
            continue
        day = FIRST + timedelta(days=offset)
        for _ in range(1 + (chance.random() < 0.15)):
            models_on = ("m", "n") if 20 <= offset < 30 else ("m", "n", "o")
            scores = life.scores(models_on)
            members = {(audience, lead) for audience in life.audiences for lead, _ in scores if chance.random() < 0.6}
            expected = oracle.held(day, scores, members)
            counts["repeated"] += day in oracle.days
            database.publish(day, scores, members)
            assert database.held() == expected
            oracle.days[day] = expected
            counts["kept"] += sum(key in scores and held.segment != scores[key].segment for key, held in expected.items())
        if chance.random() < 0.1 and offset > 5:
            before = database.rows(LOG)
            past = FIRST + timedelta(days=chance.randint(0, offset - 1))
            database.publish(past, scores, members)
            assert database.held() == oracle.held(past, scores, members)
            assert database.rows(LOG) == before
            database.publish(day, scores, members)
            assert database.rows(LOG) == before, "the same day twice appends nothing"
            counts["questions"] += 1
        if offset % 10 == 9 and max(oracle.days) == day:
            seen(database, oracle, day, counts)
    assert all(counts.values()), counts
    record_property("tried", f"segments held, life {number}: {counts}")
