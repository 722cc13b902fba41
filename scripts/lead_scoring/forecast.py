"""What a score becomes when nothing happens: the scoring rules of docs/scoring.md for one lead on a later date, in decimals.

It works on what a build has counted already (which rule's events fell on which day), so that it needs no event and no SQL. On the date of
the build it must give the published score to the last digit; ``explain`` checks that before it shows anything.

Traits stay as they are on the date of the build, and so do the other leads, where a score is a share of the largest. All else moves: decay, windows, silence, shortcuts, the purchase cycle, adjustments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, localcontext
from functools import cache

ZERO = Decimal(0)
ONE = Decimal(1)
MILLIONTH = Decimal("0.000001")
FACTOR = Decimal("0.000000000001")
PRECISE = Context(prec=60, rounding=ROUND_HALF_UP)

SUBSCORES = ("behaviour", "fit", "negative", "cycle", "manual")


@dataclass(frozen=True)
class Rule:
    """A rule that looks at events, with the days on which they fell (after count_once_per)."""

    rule_id: str
    label: str
    kind: str
    subscore: str
    group_key: str
    points: Decimal | None
    decay: str | None
    decay_days: Decimal | None
    decay_percent: Decimal | None
    decay_from: str | None
    max_per_day: int | None
    max_points: Decimal | None
    window_days: int | None
    min_count: int | None
    max_count: int | None
    target_segment: str | None
    days: Mapping[date, int]


@dataclass(frozen=True)
class Standing:
    """Points that stay as they are: a trait, or an adjustment from and until a date."""

    entry_type: str
    entry_id: str
    label: str
    subscore: str
    group_key: str
    points: Decimal
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class Cycle:
    """The purchase cycle of a lead that has ordered."""

    months: int
    order_dates: Sequence[date]
    points: Decimal | None
    grace: Decimal
    season_points: Decimal | None
    season_months: frozenset[int]


@dataclass(frozen=True)
class Group:
    combine: str
    min_points: Decimal | None
    max_points: Decimal | None


@dataclass(frozen=True)
class Segment:
    segment: str
    label: str
    rank: int
    lower_bound: Decimal | None


@dataclass(frozen=True)
class ScoreModel:
    """What turns points into a score and a score into a segment; ``raw_max`` is the largest raw score where none is stated."""

    normalisation: str
    raw_max: Decimal | None
    score_min: Decimal
    score_max: Decimal
    groups: Mapping[str, Group]
    bounds: Mapping[str, tuple[Decimal | None, Decimal | None]]
    weights: Mapping[str, Decimal]
    segments: Sequence[Segment]


@dataclass(frozen=True)
class Lead:
    """What a build knows of a lead."""

    first_seen_on: date
    last_activity_on: date | None
    is_excluded: bool
    rules: Sequence[Rule]
    standing: Sequence[Standing]
    cycle: Cycle | None


@dataclass(frozen=True)
class Entry:
    """One entry of the ledger on a date; ``points`` after the rule's own cap."""

    entry_type: str
    entry_id: str
    label: str
    subscore: str
    group_key: str
    points: Decimal


@dataclass(frozen=True)
class Outlook:
    """The score on a date."""

    on: date
    score_exact: Decimal
    score: int
    segment: str
    entries: Sequence[Entry]
    reset_on: date | None


def rounded(value: Decimal, step: Decimal = MILLIONTH) -> Decimal:
    """Round half away from zero."""
    return value.quantize(step, rounding=ROUND_HALF_UP, context=PRECISE)


def clipped(value: Decimal, low: Decimal | None, high: Decimal | None) -> Decimal:
    """The value within its bounds; where they contradict each other the upper one holds."""
    value = value if low is None else max(value, low)
    return value if high is None else min(value, high)


@cache
def factor(decay: str | None, decay_days: Decimal | None, decay_percent: Decimal | None, age: int) -> Decimal:
    """What is left of a point after ``age`` days, to 12 places (docs/scoring.md section 5)."""
    if decay is None or decay_days is None:
        return ONE
    with localcontext(PRECISE):
        share = Decimal(age) / decay_days
        periods = share.to_integral_value(rounding=ROUND_FLOOR)
        lost = (decay_percent or ZERO) / 100
        if decay == "half_life":
            left = Decimal("0.5") ** share
        elif decay == "linear":
            left = max(ZERO, ONE - share)
        elif decay == "step":
            left = max(ZERO, ONE - lost * periods)
        elif decay == "step_compound":
            left = (ONE - lost) ** int(periods) if periods else ONE
        else:
            left = ONE if age < decay_days else ZERO
        return rounded(left, FACTOR)


def latest_reset(lead: Lead, on: date) -> date | None:
    """The latest date by which silence has wiped out the behaviour."""
    resets = []
    for rule in lead.rules:
        if rule.kind != "reset" or rule.window_days is None:
            continue
        engaged = sorted({*(day for day in rule.days), lead.first_seen_on})
        for index, day in enumerate(engaged):
            reset_on = day + timedelta(days=rule.window_days)
            following = engaged[index + 1] if index + 1 < len(engaged) else None
            if reset_on <= on and (following is None or following > reset_on):
                resets.append(reset_on)
    return max(resets, default=None)


def event_points(rule: Rule, days: Mapping[date, int], lead: Lead, on: date) -> Decimal:
    """The contribution of an event rule, after its own cap."""
    total = ZERO
    for day, occurrences in days.items():
        age_from = lead.last_activity_on if rule.decay_from == "last_activity" and lead.last_activity_on else day
        counted = occurrences if rule.max_per_day is None else min(occurrences, rule.max_per_day)
        total += rounded(
            (rule.points or ZERO) * counted * factor(rule.decay, rule.decay_days, rule.decay_percent, (on - age_from).days)
        )
    return total if rule.max_points is None else clipped(total, -rule.max_points, rule.max_points)


def frequency_holds(rule: Rule, days: Mapping[date, int], lead: Lead, on: date) -> bool:
    """Whether a frequency rule gives its points on a date."""
    window = rule.window_days or 0
    count = sum(occurrences for day, occurrences in days.items() if (on - day).days < window)
    if count == 0:
        if (rule.min_count or 0) > 0:
            return False
        # Silence is only silence of somebody who has been known for the whole window.
        if rule.max_count == 0 and lead.first_seen_on > on - timedelta(days=window):
            return False
    return (rule.min_count or 0) <= count and (rule.max_count is None or count <= rule.max_count)


def months_between(earlier: date, later: date) -> int:
    """Whole calendar months; the last day of a shorter month completes one."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    ends_month = (later + timedelta(days=1)).day == 1
    return months - (1 if later.day < earlier.day and not ends_month else 0)


def cycle_entries(cycle: Cycle | None, on: date) -> list[Entry]:
    """The purchase cycle and its season on a date."""
    orders = [day for day in cycle.order_dates if day <= on] if cycle else []
    if cycle is None or not orders:
        return []
    months = months_between(max(orders), on)
    if months > cycle.months * (1 + cycle.grace):
        return []
    entries = []
    if cycle.points is not None:
        with localcontext(PRECISE):
            points = rounded(rounded(cycle.points * min(months, cycle.months) / cycle.months, FACTOR))
        entries.append(Entry("cycle", "cycle", "Purchase cycle", "cycle", "cycle", points))
    years = {day.year for day in orders if day.month == on.month and day.year < on.year}
    if cycle.season_points is not None and (len(years) > 1 or on.month in cycle.season_months):
        entries.append(Entry("season", "season", "Season", "cycle", "season", rounded(cycle.season_points)))
    return entries


def entries_on(lead: Lead, on: date) -> list[Entry]:
    """All that gives or takes points on a date, before groups and bounds."""
    entries = []
    reset_on = latest_reset(lead, on)
    for rule in lead.rules:
        if rule.kind not in ("event", "frequency"):
            continue
        wiped = reset_on if rule.subscore == "behaviour" else None
        days = {day: count for day, count in rule.days.items() if day <= on and (wiped is None or day > wiped)}
        if rule.kind == "event" and days:
            entries.append(
                Entry("rule", rule.rule_id, rule.label, rule.subscore, rule.group_key, event_points(rule, days, lead, on))
            )
        elif rule.kind == "frequency" and frequency_holds(rule, days, lead, on):
            entries.append(Entry("rule", rule.rule_id, rule.label, rule.subscore, rule.group_key, rounded(rule.points or ZERO)))
    for stays in lead.standing:
        if (stays.starts_on is None or stays.starts_on <= on) and (stays.ends_on is None or on < stays.ends_on):
            entries.append(
                Entry(stays.entry_type, stays.entry_id, stays.label, stays.subscore, stays.group_key, rounded(stays.points))
            )
    return entries + cycle_entries(lead.cycle, on)


def score_of(entries: Sequence[Entry], model: ScoreModel) -> Decimal:
    """Groups, bounds and normalisation (docs/scoring.md section 7)."""
    groups: dict[tuple[str, str], list[Decimal]] = {}
    for entry in entries:
        groups.setdefault((entry.subscore, entry.group_key), []).append(entry.points)
    sums = dict.fromkeys(SUBSCORES, ZERO)
    for (subscore, key), points in groups.items():
        group = model.groups.get(key, Group("sum", None, None))
        combined = max(points) if group.combine == "max" else sum(points, ZERO)
        sums[subscore] += clipped(combined, group.min_points, group.max_points)
    bounded = {subscore: clipped(sums[subscore], *model.bounds.get(subscore, (None, None))) for subscore in SUBSCORES}
    with localcontext(PRECISE):
        raw = sum((rounded(points * model.weights.get(subscore, ONE)) for subscore, points in bounded.items()), ZERO)
        if model.normalisation != "clamp" and (model.raw_max is None or model.raw_max <= 0):
            raw = ZERO
        elif model.normalisation == "scale" and model.raw_max:
            raw = rounded(rounded(model.score_max * raw / model.raw_max, FACTOR))
        elif model.normalisation == "sqrt" and model.raw_max:
            share = rounded(clipped(raw, ZERO, model.raw_max) / model.raw_max, FACTOR)
            raw = rounded(model.score_max * rounded(share.sqrt(), FACTOR))
    return rounded(clipped(raw, model.score_min, model.score_max))


def segment_of(score: int, lead: Lead, model: ScoreModel, on: date) -> str:
    """Excluded before shortcut before band."""
    if lead.is_excluded:
        return "excluded"
    ranks = {segment.segment: segment.rank for segment in model.segments}
    shortcuts = [
        rule.target_segment
        for rule in lead.rules
        if rule.kind == "shortcut"
        and rule.target_segment in ranks
        and any(0 <= (on - day).days < (rule.window_days or 0) for day in rule.days)
    ]
    if shortcuts:
        return max((segment for segment in shortcuts if segment), key=lambda segment: ranks[segment])
    bands = sorted(model.segments, key=lambda segment: (segment.lower_bound is not None, segment.lower_bound or ZERO))
    reached = [segment for segment in bands if segment.lower_bound is None or score >= segment.lower_bound]
    return reached[-1].segment if reached else ""


def outlook(lead: Lead, model: ScoreModel, on: date) -> Outlook:
    """The score of a lead on a date after which nothing happened."""
    entries = entries_on(lead, on)
    exact = score_of(entries, model)
    score = int(rounded(exact, ONE))
    return Outlook(on, exact, score, segment_of(score, lead, model, on), entries, latest_reset(lead, on))
