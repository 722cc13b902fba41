"""What the report shows, out of the published marts, as columns that a page can hold for fifty thousand leads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lead_scoring.database import Database, Row
from lead_scoring.errors import CommandError
from lead_scoring.explain import ledger_place

MOST_LEADS = 50_000
MILLION = 1_000_000
NEEDED = (
    "dim_leads",
    "dim_segments",
    "fct_lead_activity",
    "fct_lead_reasons",
    "fct_lead_score_contributions",
    "fct_lead_score_history",
    "fct_lead_scores",
    "fct_lead_scores_dated",
    "fct_next_actions",
    "rpt_model_performance",
    "rpt_rule_performance",
    "rpt_source_rows",
)


@dataclass(frozen=True)
class Report:
    """The content of a report; ``left_out`` leads had a lower rank than the last one that is shown."""

    payload: dict[str, Any]
    leads: int
    left_out: int
    as_of_date: date


class Words:
    """Texts by number, so that a text that comes again costs a number."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The number of a text."""
        found = self._numbers.get(text)
        if found is None:
            found = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return found


def masked(email: str | None) -> str | None:
    """An e-mail by which one recognises whom one knows, and cannot write to anybody: ``a***@example.com``. What is no address is masked whole."""
    if not email:
        return None
    name, at, domain = email.partition("@")
    return f"{name[:1]}***@{domain}" if at else "***"


def millionths(points: Decimal) -> int:
    """Points as a whole number of millionths, which JavaScript adds up exactly."""
    return int(points * MILLION)


def load(database: Database, score_model: str | None, most_leads: int, with_emails: bool) -> Report:
    """Read the report's content: the ``most_leads`` best leads that are not excluded. Raises CommandError when a mart is missing or there is no such score model."""
    missing = [name for name in NEEDED if not database.has(f"marts.{name}")]
    if missing:
        raise CommandError(
            f"What is published has no {', '.join(missing)}: it was built by an earlier version. Run `make build`."
        )
    model = named_model(database, score_model)
    rows = leads_of(database, model, most_leads)
    counts = database.rows(
        "select count(*) filter (where not is_excluded) as scored, count(*) filter (where is_excluded) as excluded, any_value(as_of_date) as as_of_date, any_value(grid_version) as grid_version"
        " from marts.fct_lead_scores where score_model = ?",
        [model],
    )[0]
    chosen = "select lead_id, score_model, score_rank from marts.fct_lead_scores where score_model = ? and score_rank <= ?"
    segments = database.rows("select * from marts.dim_segments where score_model = ? order by rank", [model])
    words = Words()
    as_of = counts["as_of_date"]
    payload = {
        "meta": {
            "score_model": model,
            "score_model_label": segments[0]["score_model_label"] if segments else model,
            "as_of_date": as_of.isoformat(),
            "grid_version": counts["grid_version"],
            "leads": counts["scored"],
            "excluded": counts["excluded"],
            "shown": len(rows),
            **publication(database),
        },
        "segments": [
            {
                "segment": row["segment"],
                "label": row["label"],
                "rank": row["rank"],
                "lower": None if row["lower_bound"] is None else float(row["lower_bound"]),
                "temperature": row["temperature"],
            }
            for row in segments
        ],
        "evidence": evidence(database, model, as_of),
        "rules": rules(database, model),
        "distribution": distribution(database, model),
        "quarantined": quarantined(database),
        "leads": lead_columns(rows, with_emails, words, as_of),
        "ledger": ledger(database, chosen, [model, most_leads], len(rows), words, as_of),
        "reasons": grouped(
            database.rows(
                f"select score_rank, sentence from marts.fct_lead_reasons inner join ({chosen}) as chosen using (lead_id, score_model) order by score_rank, reason_rank",
                [model, most_leads],
            ),
            len(rows),
            lambda row: row["sentence"],
        ),
        "course": grouped(
            database.rows(
                f"select score_rank, days_ahead, score, segment from marts.fct_lead_scores_dated inner join ({chosen}) as chosen using (lead_id, score_model) order by score_rank, scored_on",
                [model, most_leads],
            ),
            len(rows),
            lambda row: [row["days_ahead"], row["score"], words.number(row["segment"])],
        ),
        "published": grouped(
            database.rows(
                f"select score_rank, valid_from, score from marts.fct_lead_score_history inner join ({chosen}) as chosen using (lead_id, score_model)"
                " where score is not null order by score_rank, valid_from",
                [model, most_leads],
            ),
            len(rows),
            lambda row: [(row["valid_from"] - as_of).days, row["score"]],
        ),
        "activity": grouped(
            database.rows(
                f"select score_rank, occurred_on, event_type, events from marts.fct_lead_activity inner join ({chosen}) as chosen using (lead_id) order by score_rank, occurred_on, event_type",
                [model, most_leads],
            ),
            len(rows),
            lambda row: [(row["occurred_on"] - as_of).days, words.number(row["event_type"]), row["events"]],
        ),
    }
    payload["words"] = words.texts
    return Report(payload, len(rows), counts["scored"] - len(rows), as_of)


def named_model(database: Database, score_model: str | None) -> str:
    """The score model asked for, or the default one by ``dim_segments``. Raises CommandError when there is no such one, or no lead at all."""
    if score_model is None:
        default = database.rows(
            "select distinct score_model from marts.dim_segments where is_default and score_model in (select score_model from marts.fct_lead_scores)"
        )
        score_model = default[0]["score_model"] if default else None
    return database.score_model(score_model)


def leads_of(database: Database, model: str, most_leads: int) -> list[Row]:
    """The leads of the list with what is to be done next, the best first: ranks have no gaps, so that row n has rank n + 1."""
    return database.rows(
        """
        select scores.*, leads.email, leads.contact_id, leads.first_name, leads.last_name, leads.company, leads.job_title, leads.industry, leads.country, leads.owner,
            actions.action, actions.channel, actions.due_on
        from marts.fct_lead_scores as scores
        inner join marts.dim_leads as leads on scores.lead_id = leads.lead_id
        left join (
            select lead_id, min_by(action, (due_at, action)) as action, min_by(channel, (due_at, action)) as channel, cast(min(due_at) as date) as due_on
            from marts.fct_next_actions where score_model = $1 group by lead_id
        ) as actions on scores.lead_id = actions.lead_id
        where scores.score_model = $1 and scores.score_rank <= $2
        order by scores.score_rank
        """,
        [model, most_leads],
    )


def lead_columns(rows: Sequence[Row], with_emails: bool, words: Words, as_of: date) -> dict[str, list[Any]]:
    """What the list shows of each lead, a column a list."""

    def texts(column: str) -> list[int | None]:
        return [None if row[column] is None else words.number(str(row[column])) for row in rows]

    names = [" ".join(part for part in (row["first_name"], row["last_name"]) if part) for row in rows]
    return {
        "id": [row["lead_id"] for row in rows],
        "name": [name or None for name in names],
        "email": [row["email"] if with_emails else masked(row["email"]) for row in rows],
        "contact": [None if row["email"] else row["contact_id"] for row in rows],
        "score": [row["score"] for row in rows],
        "exact": [millionths(row["score_exact"]) for row in rows],
        "week": [row["score_7d_ago"] for row in rows],
        "due": [None if row["due_on"] is None else (row["due_on"] - as_of).days for row in rows],
        "active": [None if row["last_activity_on"] is None else (row["last_activity_on"] - as_of).days for row in rows],
        **{
            column: texts(column)
            for column in (
                "company",
                "job_title",
                "industry",
                "country",
                "owner",
                "segment",
                "segment_reason",
                "grade",
                "trend",
                "action",
                "channel",
            )
        },
    }


def ledger(database: Database, chosen: str, parameters: Sequence[Any], leads: int, words: Words, as_of: date) -> list[list[Any]]:
    """The entries of each lead in the order in which they add up to the score: by subscore, each followed by its corrections, last what was done to the whole."""

    rows = database.rows(
        "select score_rank, entry_type, entry_id, label, rule_id, subscore, occurrences, first_on, last_on, points"
        f" from marts.fct_lead_score_contributions inner join ({chosen}) as chosen using (lead_id, score_model)",
        parameters,
    )
    return grouped(
        sorted(rows, key=lambda row: (row["score_rank"], *ledger_place(row))),
        leads,
        lambda row: [
            words.number(row["label"]),
            None if row["rule_id"] is None else words.number(row["rule_id"]),
            None if row["subscore"] is None else words.number(row["subscore"]),
            row["occurrences"],
            None if row["first_on"] is None else (row["first_on"] - as_of).days,
            None if row["last_on"] is None else (row["last_on"] - as_of).days,
            millionths(row["points"]),
        ],
    )


def grouped(rows: Iterable[Row], leads: int, told: Any) -> list[list[Any]]:
    """What is told of the rows of each lead, in the order of the ranks; an empty list for a lead without any."""
    groups: list[list[Any]] = [[] for _ in range(leads)]
    for row in rows:
        groups[row["score_rank"] - 1].append(told(row))
    return groups


def evidence(database: Database, model: str, as_of: date) -> dict[str, dict[str, Any]]:
    """By segment, how many of those who stood in its band when the reports begin were won since."""
    return {
        row["band"]: {
            "leads": row["leads"],
            "is_enough": row["has_enough_leads"],
            "conversions": row["conversions"],
            "rate": float(row["conversion_rate"]),
            "low": float(row["conversion_rate_low"]),
            "high": float(row["conversion_rate_high"]),
            "window": (as_of - row["scored_on"]).days,
            "days": None if row["median_days_to_win"] is None else float(row["median_days_to_win"]),
        }
        for row in database.rows("select * from marts.rpt_model_performance where score_model = ?", [model])
    }


def rules(database: Database, model: str) -> list[dict[str, Any]]:
    """The rules that something can set off which a lead may still do, those with the most points first."""
    return [
        {"rule": row["rule_id"], "label": row["label"], "points": float(row["points"])}
        for row in database.rows(
            "select * from marts.rpt_rule_performance where score_model = ? and kind = 'event' and points > 0 order by points desc, rule_id",
            [model],
        )
    ]


def distribution(database: Database, model: str) -> list[dict[str, Any]]:
    """How many leads have which score, and in which segment they are; those who are left out of the list are counted."""
    return database.rows(
        "select score, segment, count(*) as leads from marts.fct_lead_scores where score_model = ? and not is_excluded group by all order by all",
        [model],
    )


def quarantined(database: Database) -> list[dict[str, Any]]:
    """What was delivered and could not be used, by source, table and reason."""
    return database.rows(
        "select source, raw_table, reason, row_count from marts.rpt_source_rows where outcome = 'quarantined' and row_count > 0 order by row_count desc, source, raw_table, reason"
    )


def publication(database: Database) -> dict[str, Any]:
    """Which version this is of; empty where the file was not published."""
    if not database.has("publication.run"):
        return {}
    run = database.rows("select version, run_id, published_at from publication.run")[0]
    return {"version": run["version"], "run_id": run["run_id"], "published_at": run["published_at"].isoformat(timespec="seconds")}
