"""Why a lead has its score, and when the score will fade."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from rich.text import Text

from lead_scoring import forecast
from lead_scoring.console import clean, console, heading, print_table, say, words
from lead_scoring.database import Database, Row
from lead_scoring.errors import CommandError

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
ZERO = Decimal(0)
CORRECTIONS = ("group_combine", "group_bound", "subscore_bound", "subscore_weight", "normalisation", "score_bound")
BOUNDED = "within its bounds"
"""How the ledger's label of a bound ends; explain says which bound."""

# How many days ahead explain looks, and how many dates it shows at most.
HORIZON_DAYS = 90
DATES_SHOWN = 3

# From this width on the dates of the outlook show their years.
WIDE = 110

FORECAST_TABLES = (
    "intermediate.int_rules",
    "intermediate.int_scaled_points",
    "intermediate.int_lead_scores",
    "intermediate.int_daily_matches",
    "intermediate.int_leads",
    "intermediate.int_adjustments_resolved",
    "intermediate.int_lead_cycles",
    "intermediate.int_events_counted",
    "staging.stg_config__score_models",
)


# --------------------------------------------------------------------------------------------------------------------
# Who
# --------------------------------------------------------------------------------------------------------------------


def normalised_email(text: str) -> str:
    """The normal form of docs/interfaces.md section 4; what has not exactly one @ stays as it came."""
    composed = unicodedata.normalize("NFC", text.strip(WHITE_SPACE + ZERO_WIDTH))
    # One character becomes one, as in SQL: Python knows a final sigma, and makes two characters of a dotted capital I.
    form = "".join(
        "i" if character == "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}" else character.lower() for character in composed
    )
    return form if form.count("@") == 1 else text


def find_lead(database: Database, who: str) -> str:
    """The lead that an e-mail (today's or an earlier one) or a lead_id names."""
    # A terminal may hand over bytes that are no UTF-8: they name nobody, and neither a hash nor the database takes them.
    who = who.encode("utf-8", "replace").decode("utf-8")
    email = normalised_email(who)
    found = database.rows("select lead_id from marts.dim_leads where email = ? or lead_id = ?", [email, who.strip().lower()])
    if len(found) == 1:
        return str(found[0]["lead_id"])
    if database.has("intermediate.int_lead_aliases"):
        alias = hashlib.md5(f"email:{email}".encode(), usedforsecurity=False).hexdigest()
        found = database.rows(
            "select distinct lead_id from intermediate.int_lead_aliases where alias_id in (?, ?) and lead_id in (select lead_id from marts.dim_leads)",
            [alias, who.strip().lower()],
        )
        if len(found) == 1:
            return str(found[0]["lead_id"])
    near = [
        str(row["email"])
        for row in database.rows(
            "select email from marts.dim_leads where email is not null order by jaro_winkler_similarity(email, ?) desc, levenshtein(email, ?), email limit 5",
            [email, email],
        )
    ]
    hint = "".join(f"\n  {clean(name)}" for name in near)
    raise CommandError(f"There is no lead {clean(who)}." + (f" The nearest are:{hint}" if near else ""), near_matches=near)


# --------------------------------------------------------------------------------------------------------------------
# What
# --------------------------------------------------------------------------------------------------------------------


@dataclass
class Explanation:
    """All that explain shows of a lead."""

    lead: Row
    score: Row
    ledger: list[Row]
    outlooks: list[forecast.Outlook]
    today: forecast.Outlook | None
    reproduces_today: bool
    fixed_traits: list[str]
    labels: dict[str, str]
    bounds: dict[tuple[str, str], tuple[Decimal | None, Decimal | None]]

    def named(self, segment: str) -> str:
        """The label of a segment."""
        return self.labels.get(segment, segment)


def load(database: Database, who: str, score_model: str | None, horizon: int = HORIZON_DAYS) -> Explanation:
    """Read a lead's score, its ledger and its outlook."""
    model_name = database.score_model(score_model)
    lead_id = find_lead(database, who)
    lead = database.rows("select * from marts.dim_leads where lead_id = ?", [lead_id])[0]
    scores = database.rows("select * from marts.fct_lead_scores where lead_id = ? and score_model = ?", [lead_id, model_name])
    if not scores:
        raise CommandError(f"Lead {lead_id} has no score in the score model {model_name}.")
    ledger = database.rows(
        "select * from marts.fct_lead_score_contributions where lead_id = ? and score_model = ?", [lead_id, model_name]
    )
    labels, bounds, outlooks, today, fixed = {}, {}, [], None, []
    if database.has(*FORECAST_TABLES):
        model = load_score_model(database, model_name)
        labels = {segment.segment: segment.label for segment in model.segments}
        bounds = {("group_bound", key): (group.min_points, group.max_points) for key, group in model.groups.items()}
        bounds |= {("subscore_bound", key): value for key, value in model.bounds.items()}
        bounds[("score_bound", model_name)] = (model.score_min, model.score_max)
        known = load_lead(database, lead, scores[0], ledger)
        as_of = scores[0]["as_of_date"]
        today = forecast.outlook(known, model, as_of)
        outlooks = [forecast.outlook(known, model, as_of + timedelta(days=days)) for days in range(1, horizon + 1)]
        fixed = fixed_traits(database, model_name, ledger)
    score = scores[0]
    reproduces = today is not None and (today.score_exact, today.segment) == (score["score_exact"], score["segment"])
    return Explanation(lead, score, sorted(ledger, key=ledger_place), outlooks, today, reproduces, fixed, labels, bounds)


def ledger_place(row: Row) -> tuple[int, int, Decimal, str]:
    """Where an entry stands: subscore by subscore, the largest first, each followed by its corrections; last what was done to the whole score."""
    subscore = forecast.SUBSCORES.index(row["subscore"]) if row["subscore"] in forecast.SUBSCORES else len(forecast.SUBSCORES)
    correction = CORRECTIONS.index(row["entry_type"]) + 1 if row["entry_type"] in CORRECTIONS else 0
    return subscore, correction, -abs(row["points"]), row["entry_id"]


def fixed_traits(database: Database, score_model: str, ledger: Sequence[Row]) -> list[str]:
    """The labels of entries that look at what a lead did lately, which the outlook keeps as it is today."""
    fired = {row["rule_id"] for row in ledger if row["entry_type"] == "rule"}
    rows = database.rows(
        """
        select distinct rules.rule_id, rules.label
        from intermediate.int_rules as rules
        inner join intermediate.int_rule_conditions as conditions
            on rules.score_model = conditions.score_model and rules.rule_id = conditions.rule_id
        where rules.kind = 'attribute' and rules.score_model = ?
            and split_part(conditions.field, ':', 1) in (select field from staging.stg_config__fields where scope = 'trait' and origin = 'derived')
            and conditions.field not in ('email_domain', 'is_free_email', 'is_internal', 'profile_completeness')
        order by rules.label
        """,
        [score_model],
    )
    return [str(row["label"]) for row in rows if row["rule_id"] in fired]


def load_score_model(database: Database, name: str) -> forecast.ScoreModel:
    """The seeds of a score model, as the last build read them."""
    model = database.rows("select * from staging.stg_config__score_models where score_model = ?", [name])[0]
    groups = database.rows("select * from staging.stg_config__rule_groups where score_model = ?", [name])
    bounds = database.rows("select * from staging.stg_config__subscore_bounds where score_model = ?", [name])
    segments = database.rows("select * from staging.stg_config__segments where score_model = ?", [name])
    largest = database.rows(
        "select max(raw_score) as raw_score from intermediate.int_lead_scores where score_model = ? and days_before = 0", [name]
    )[0]["raw_score"]
    return forecast.ScoreModel(
        normalisation=model["normalisation"],
        raw_max=largest if model["raw_max"] is None else model["raw_max"],
        score_min=model["score_min"],
        score_max=model["score_max"],
        groups={row["rule_group"]: forecast.Group(row["combine"], row["min_points"], row["max_points"]) for row in groups},
        bounds={row["subscore"]: (row["min_points"], row["max_points"]) for row in bounds},
        weights={row["subscore"]: row["weight"] for row in bounds},
        segments=[forecast.Segment(row["segment"], row["label"], row["rank"], row["lower_bound"]) for row in segments],
    )


def load_lead(database: Database, lead: Row, score: Row, ledger: Sequence[Row]) -> forecast.Lead:
    """What the last build counted for a lead up to the scored date."""
    lead_id, name, as_of = lead["lead_id"], score["score_model"], score["as_of_date"]
    rules = {row["rule_id"]: row for row in database.rows("select * from intermediate.int_rules where score_model = ?", [name])}
    for row in database.rows(
        "select rule_id, points__0 as points from intermediate.int_scaled_points where score_model = ? and points__0 is not null",
        [name],
    ):
        rules[row["rule_id"]]["points"] = row["points"]
    days: dict[str, dict[date, int]] = {}
    for row in database.rows(
        "select match_id, occurred_on, sum(occurrences) as occurrences from intermediate.int_daily_matches where lead_id = ? and occurred_on <= ? group by all",
        [lead_id, as_of],
    ):
        days.setdefault(row["match_id"], {})[row["occurred_on"]] = int(row["occurrences"])
    standing = [
        forecast.Standing(
            "rule", row["entry_id"], row["label"], row["subscore"], rules[row["rule_id"]]["group_key"], row["points"]
        )
        for row in ledger
        if row["entry_type"] == "rule" and rules[row["rule_id"]]["kind"] == "attribute"
    ]
    for row in database.rows(
        "select adjustment_id, points, reason, effective_on, expires_on from intermediate.int_adjustments_resolved where lead_id = ? and score_model = ?",
        [lead_id, name],
    ):
        key = f"manual:{row['adjustment_id']}"
        label = row["reason"] or "Manual adjustment"
        standing.append(
            forecast.Standing(
                "manual", row["adjustment_id"], label, "manual", key, row["points"], row["effective_on"], row["expires_on"]
            )
        )
    return forecast.Lead(
        first_seen_on=lead["first_seen_on"],
        last_activity_on=score["last_activity_on"],
        is_excluded=score["is_excluded"],
        rules=[
            as_rule(row, days.get(row["match_id"], {})) for row in rules.values() if row["kind"] not in ("attribute", "exclude")
        ],
        standing=standing,
        cycle=load_cycle(database, lead_id, name, as_of),
    )


def as_rule(row: Row, days: dict[date, int]) -> forecast.Rule:
    """A row of int_rules with the days on which its events fell."""
    given = {field.name: row[field.name] for field in fields(forecast.Rule) if field.name != "days"}
    return forecast.Rule(**given, days=days)


def load_cycle(database: Database, lead_id: str, score_model: str, as_of: date) -> forecast.Cycle | None:
    """The purchase cycle as the last build saw it; None for a lead without one."""
    rows = database.rows(
        "select * from intermediate.int_lead_cycles where lead_id = ? and score_model = ? and scored_on = ? and cycle_months is not null",
        [lead_id, score_model, as_of],
    )
    if not rows:
        return None
    orders = database.rows(
        "select distinct occurred_on from intermediate.int_events_counted where lead_id = ? and event_type = 'order_completed' and occurred_on <= ?",
        [lead_id, as_of],
    )
    seasons = database.rows(
        "select month from staging.stg_config__seasons where lower(trim(industry)) = (select lower(trim(industry)) from marts.dim_leads where lead_id = ?)",
        [lead_id],
    )
    grace = database.rows("select cycle_grace from staging.stg_config__score_models where score_model = ?", [score_model])[0][
        "cycle_grace"
    ]
    return forecast.Cycle(
        months=rows[0]["cycle_months"],
        order_dates=[row["occurred_on"] for row in orders],
        points=rows[0]["cycle_points"],
        grace=grace,
        season_points=rows[0]["season_points"],
        season_months=frozenset(int(row["month"]) for row in seasons),
    )


# --------------------------------------------------------------------------------------------------------------------
# Said to people
# --------------------------------------------------------------------------------------------------------------------


def exact(points: Decimal, places: int) -> str:
    """Points with a sign and as many places as the ledger needs."""
    return f"{points:+.{places}f}" if points else f"{ZERO:.{places}f}"


def places_needed(values: Sequence[Decimal]) -> int:
    """How many decimal places show all values without rounding."""
    return max((max(0, -int(value.normalize().as_tuple().exponent)) for value in values if value), default=0)


def dates(first: date | None, last: date | None) -> str:
    """From the first date to the last, the shared year once."""
    if first is None or last is None:
        return ""
    if first == last:
        return first.isoformat()
    return f"{first.isoformat()}..{last.strftime('%m-%d') if first.year == last.year else last.isoformat()}"


def entry_label(row: Row, explanation: Explanation) -> str:
    """The words for an entry, with the bound where one took or gave points."""
    low, high = explanation.bounds.get((row["entry_type"], row["entry_id"]), (None, None))
    if row["entry_type"] not in CORRECTIONS or (low is None and high is None):
        return str(row["label"])
    bound = f"at most {_short(high)}" if row["points"] < 0 and high is not None else f"at least {_short(low)}"
    return f"{row['label'].removesuffix(BOUNDED)}{bound}"


def _short(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def print_explanation(explanation: Explanation) -> None:
    """Print it all."""
    _print_header(explanation)
    _print_ledger(explanation)
    _print_outlook(explanation)


def _print_header(explanation: Explanation) -> None:
    lead, score = explanation.lead, explanation.score
    person = " ".join(part for part in (lead["first_name"], lead["last_name"]) if part)
    what = ", ".join(clean(part) for part in (person, lead["job_title"], lead["company"]) if part)
    console().print()
    say(clean(lead["email"] or lead["contact_id"] or lead["lead_id"]), style="bold")
    if what:
        say(what)
    say(f"lead {lead['lead_id']}, score model {score['score_model']}, on {score['as_of_date']}", style="dim")
    segment = explanation.named(score["segment"])
    why = "" if score["segment_reason"] == "score" else f" ({score['segment_reason'].replace(':', ' by rule ')})"
    console().print()
    console().print(Text(f"Score {score['score']}, grade {score['grade']}, segment {segment}{clean(why)}", style="bold"))
    words(_trend(score))


def _trend(score: Row) -> str:
    if score["score_7d_ago"] is None:
        return "New: the lead was not there 7 days ago."
    earlier = f"7 days ago {score['score_7d_ago']}" + (
        "" if score["score_30d_ago"] is None else f", 30 days ago {score['score_30d_ago']}"
    )
    return f"{str(score['trend']).capitalize()}: {earlier}."


def _print_ledger(explanation: Explanation) -> None:
    score, ledger = explanation.score, explanation.ledger
    places = places_needed([row["points"] for row in ledger] + [score["score_exact"]])
    capped = any(row["points_uncapped"] != row["points"] for row in ledger)
    heading("What it is made of")
    rows: list[list[object]] = []

    def add(row: Row) -> None:
        before = exact(row["points_uncapped"], places) if row["points_uncapped"] != row["points"] else ""
        is_correction = row["entry_type"] in CORRECTIONS
        cells: list[object] = [
            Text(clean(entry_label(row, explanation)), style="dim" if is_correction else ""),
            row["occurrences"] or "",
            dates(row["first_on"], row["last_on"]),
        ]
        rows.append([*cells, before, exact(row["points"], places)] if capped else [*cells, exact(row["points"], places)])

    empty = [""] * (2 + capped)
    for subscore in forecast.SUBSCORES:
        part = [row for row in ledger if row["subscore"] == subscore]
        if part:
            for row in part:
                add(row)
            total = sum((row["points"] for row in part), ZERO)
            rows.append([Text(f"= {subscore}", style="bold"), *empty, Text(exact(total, places), style="bold")])
    for row in ledger:
        if row["subscore"] not in forecast.SUBSCORES:
            add(row)
    total = sum((row["points"] for row in ledger), ZERO)
    rows.append([Text("= score", style="bold"), *empty, Text(exact(total, places), style="bold")])
    columns: list[str | tuple[str, str]] = ["entry", ("times", "right"), "when"]
    columns += [("before cap", "right")] if capped else []
    print_table(rows, *columns, ("points", "right"))
    if total == score["score_exact"]:
        say(f"The entries add up to {exact(total, places).lstrip('+')}, published as {score['score']}.", style="dim")
    else:
        say(
            f"The entries add up to {total}, but {score['score_exact']} is published: this is a fault of the build, please report it.",
            style="red",
        )


def changes(explanation: Explanation) -> list[forecast.Outlook]:
    """The dates on which the segment changes when nothing happens."""
    found, segment = [], explanation.score["segment"]
    for later in explanation.outlooks:
        if later.segment != segment:
            found.append(later)
            segment = later.segment
    return found


def _print_outlook(explanation: Explanation) -> None:
    today = explanation.today
    if today is None or not explanation.outlooks:
        return
    heading("If nothing happens")
    if not explanation.reproduces_today:
        words(
            "No outlook: the published score is not the one that the counted events give today, so a later one would be a guess.",
            style="red",
        )
        return
    score, last = explanation.score, explanation.outlooks[-1]
    found = changes(explanation)
    days = len(explanation.outlooks)
    if not found:
        words(
            f"The lead stays in {explanation.named(score['segment'])} for the next {days} days: the score goes from {score['score']} to {last.score} by {last.on}."
        )
    reset_on = today.reset_on
    for later in found[:DATES_SHOWN]:
        silence = " (behaviour starts again from 0: too long a silence)" if later.reset_on != reset_on else ""
        reset_on = later.reset_on
        words(
            f"{later.on}  in {(later.on - score['as_of_date']).days} days: score {later.score}, {explanation.named(later.segment)}{silence}"
        )
    if len(found) > DATES_SHOWN:
        words(f"... and {len(found) - DATES_SHOWN} further changes up to {last.on}.")
    _print_fading(today, _dates_to_show(explanation, found))
    assumed = "Nothing happens: no event after the date of the score, and what is known of the lead stays as it is"
    if explanation.fixed_traits:
        assumed += (
            ", also what is measured over the last months (" + "; ".join(clean(label) for label in explanation.fixed_traits) + ")"
        )
    words(assumed + ". Decay, windows, silence, the purchase cycle and the end of adjustments are computed.", style="dim")


def _dates_to_show(explanation: Explanation, found: Sequence[forecast.Outlook]) -> list[forecast.Outlook]:
    """The dates of changes, a month ahead and the last date, as many as the terminal has room for; changes come first."""
    room = max(2, (console().width - 38) // (12 if console().width >= WIDE else 8) - 1)
    outlooks = explanation.outlooks
    wanted = [*found[:1], outlooks[-1], *found[1:DATES_SHOWN], outlooks[min(29, len(outlooks) - 1)]]
    chosen = {later.on: later for later in wanted[:room]}
    return [chosen[on] for on in sorted(chosen)]


def _print_fading(today: forecast.Outlook, later: Sequence[forecast.Outlook]) -> None:
    """The entries that change, date by date, and the score below them."""
    columns = [today, *later]
    points = [{(entry.entry_type, entry.entry_id): entry for entry in column.entries} for column in columns]
    keys = list(dict.fromkeys(key for column in points for key in column))
    rows: list[list[object]] = []
    for key in keys:
        values = [column[key].points if key in column else ZERO for column in points]
        if len(set(values)) > 1:
            label = next(column[key].label for column in points if key in column)
            rows.append([label, *(f"{value:+.2f}" if value else "0" for value in values)])
    if rows:
        rows.sort(key=lambda row: -abs(float(str(row[1]))))
        rows.append([Text("score", style="bold"), *(Text(str(column.score), style="bold") for column in columns)])
        console().print()
        print_table(
            rows,
            "what changes",
            *((column.on.isoformat() if console().width >= WIDE else column.on.strftime("%m-%d"), "right") for column in columns),
        )


# --------------------------------------------------------------------------------------------------------------------
# Said to programs
# --------------------------------------------------------------------------------------------------------------------


def as_json(explanation: Explanation) -> dict[str, Any]:
    """The same as data: the mart rows, the sum of the ledger and the outlook."""
    today = explanation.today
    result: dict[str, Any] = {
        "lead": explanation.lead,
        "score": explanation.score,
        "entries": explanation.ledger,
        "sum_of_entries": sum((row["points"] for row in explanation.ledger), ZERO),
        "outlook": None,
    }
    if today is not None and explanation.reproduces_today:
        result["outlook"] = {
            "assumes": "no event after as_of_date; traits stay as they are",
            "traits_kept": explanation.fixed_traits,
            "segment_changes": [
                {"on": later.on, "score": later.score, "segment": later.segment} for later in changes(explanation)
            ],
            "days": [
                {"on": later.on, "score_exact": later.score_exact, "score": later.score, "segment": later.segment}
                for later in explanation.outlooks
            ],
            "entries": [
                {
                    "entry_type": entry.entry_type,
                    "entry_id": entry.entry_id,
                    "label": entry.label,
                    "points_by_date": _by_date(explanation, entry),
                }
                for entry in today.entries
            ],
        }
    return result


def _by_date(explanation: Explanation, entry: forecast.Entry) -> dict[str, Decimal]:
    """What an entry is worth on the dates of segment changes and at the end; 0 when it is gone."""
    dates_told = changes(explanation)
    if explanation.outlooks and explanation.outlooks[-1] not in dates_told:
        dates_told.append(explanation.outlooks[-1])
    return {
        later.on.isoformat(): next(
            (row.points for row in later.entries if (row.entry_type, row.entry_id) == (entry.entry_type, entry.entry_id)), ZERO
        )
        for later in dates_told
    }
