"""A loop over the rows: what a script without an engine does. DuckDB only hands it the rows and takes the scores."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import duckdb

from benchmarks.contenders import Job
from benchmarks.rules import DAYS_BEFORE, SCORE_UNIT, Rule, read_score_model

Evidence = dict[str, list[tuple[datetime, str]]]
"""Per browser when somebody said whose it is, and whose; in the order of time, then of leads."""
CSV_OPTIONS = "header = true, columns = {'lead_id': 'varchar', 'scored_on': 'date', 'score_exact': 'decimal(18,6)'}"


def score(job: Job) -> None:
    """Read, deduplicate, attribute, count, score, write."""
    model = read_score_model(job.seeds)
    contacts = {
        contact_id: (lead_of(email, contact_id), anonymous_id, created_at)
        for contact_id, email, anonymous_id, created_at in rows(
            f"select contact_id, lower(trim(email)), anonymous_id, created_at from read_parquet('{job.contacts}')"
        )
    }
    events = deduplicated(job)
    named: list[tuple[str | None, str, datetime, str | None, str | None]] = []
    evidence: Evidence = defaultdict(list)
    for event_type, occurred_at, email, contact_id, anonymous_id, page_path in events:
        lead = None
        if email is not None:
            lead = lead_of(email, None)
        elif contact_id is not None:
            lead = contacts[contact_id][0] if contact_id in contacts else lead_of(None, contact_id)
        if lead is not None and anonymous_id is not None:
            evidence[anonymous_id].append((occurred_at, lead))
        named.append((lead, event_type, occurred_at, anonymous_id, page_path))
    for lead, anonymous_id, created_at in contacts.values():
        if anonymous_id is not None:
            evidence[anonymous_id].append((created_at, lead))
    for said in evidence.values():
        said.sort()

    first_seen: dict[str, date] = {}
    for lead, _, created_at in contacts.values():
        first_seen[lead] = min(first_seen.get(lead, date.max), created_at.date())
    days: dict[str, Counter[tuple[int, date]]] = defaultdict(Counter)
    matches = matcher(model.rules)
    for named_lead, event_type, occurred_at, anonymous_id, page_path in named:
        lead = named_lead or at_browser(evidence.get(anonymous_id or ""), occurred_at)
        if lead is not None:
            day = occurred_at.date()
            first_seen[lead] = min(first_seen.get(lead, date.max), day)
            for rule in matches(event_type, page_path):
                days[lead][rule, day] += 1

    file = job.work / "scores.csv"
    with file.open("w", encoding="utf-8") as lines:
        lines.write("lead_id,scored_on,score_exact\n")
        for scored_on in (job.as_of - timedelta(days=before) for before in DAYS_BEFORE):
            worth = worths(model.rules, scored_on)
            for lead, first_seen_on in first_seen.items():
                if first_seen_on <= scored_on:
                    points = total(model.rules, days.get(lead, Counter()), scored_on, worth)
                    points = min(max(points, model.score_min * SCORE_UNIT), model.score_max * SCORE_UNIT)
                    sign = "-" if points < 0 else ""
                    whole, part = divmod(abs(points), SCORE_UNIT)
                    lines.write(f"{lead},{scored_on},{sign}{whole}.{part:06}\n")
    duckdb.execute(f"copy (from read_csv('{file}', {CSV_OPTIONS})) to '{job.output}' (format parquet)")


def rows(query: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, a few thousand at a time."""
    cursor = duckdb.connect().execute(query)
    while batch := cursor.fetchmany(10_000):
        yield from batch


def deduplicated(job: Job) -> Iterator[tuple[Any, ...]]:
    """Of each event the delivery that stands: type, time, e-mail, contact, browser, path."""
    standing: dict[str, tuple[Any, ...]] = {}
    for event_id, version, loaded_at, *said in rows(
        "select event_id, event_version, loaded_at, event_type, occurred_at, lower(trim(email)), contact_id, anonymous_id, lower(trim(page_path)) "
        f"from read_parquet('{job.events}')"
    ):
        event_type, occurred_at, page_path = said[0], said[1], said[5]
        rank = (-version, loaded_at, occurred_at, event_type, page_path or "")
        if event_id not in standing or rank < standing[event_id][0]:
            standing[event_id] = (rank, said)
    return (said for _, said in standing.values())


@cache
def lead_of(email: str | None, contact_id: str | None) -> str:
    """The lead that an e-mail, or else a contact id, stands for."""
    name = f"email:{email}" if email is not None else f"contact:generic:{contact_id}"
    return hashlib.md5(name.encode()).hexdigest()


def at_browser(said: list[tuple[datetime, str]] | None, occurred_at: datetime) -> str | None:
    """Who said last, at that time or before, that the browser is theirs; else who said so first."""
    if said is None:
        return None
    latest = bisect_right(said, occurred_at, key=lambda evidence: evidence[0])
    if latest == 0:
        return said[0][1]
    moment = said[latest - 1][0]
    while latest >= 2 and said[latest - 2][0] == moment:
        latest -= 1
    return said[latest - 1][1]


def matcher(rules: tuple[Rule, ...]) -> Any:
    """A function that gives the numbers of the rules that an event type and a path fire."""

    @cache
    def matches(event_type: str, page_path: str | None) -> list[int]:
        return [number for number, rule in enumerate(rules) if rule.event_type == event_type and holds(rule, page_path)]

    return matches


def holds(rule: Rule, page_path: str | None) -> bool:
    """Whether the path is what the rule looks for."""
    if rule.operator is None or rule.operand is None:
        return True
    if page_path is None:
        return False
    match rule.operator:
        case "eq":
            return page_path == rule.operand
        case "in":
            return page_path in rule.operand.split("|")
        case "starts_with":
            return page_path.startswith(rule.operand)
        case "contains":
            return rule.operand in page_path
        case "matches":
            return re.search(rule.operand, page_path) is not None
    raise ValueError(f"unknown operator {rule.operator!r}")


def worths(rules: tuple[Rule, ...], scored_on: date) -> Any:
    """A function that gives what so many occurrences of a rule on a day are worth on the scored date, in millionths of a point."""

    @cache
    def worth(number: int, day: date, occurrences: int) -> int:
        rule = rules[number]
        counted = min(occurrences, rule.max_per_day or occurrences)
        return rule.worth((scored_on - day).days, counted)

    return worth


def total(rules: tuple[Rule, ...], days: Counter[tuple[int, date]], scored_on: date, worth: Any) -> int:
    """A lead's points on the scored date, in millionths: per rule the sum of its days, within the rule's bounds."""
    by_rule: Counter[int] = Counter()
    for (number, day), occurrences in days.items():
        if day <= scored_on:
            by_rule[number] += worth(number, day, occurrences)
    points = 0
    for number, uncapped in by_rule.items():
        bound = rules[number].max_points
        if bound is not None:
            bound_exact = int(bound * SCORE_UNIT)
            uncapped = min(max(uncapped, -bound_exact), bound_exact)
        points += uncapped
    return points
