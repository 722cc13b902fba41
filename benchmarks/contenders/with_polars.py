"""Polars: lazy frames, streamed. The identity and the rules as in plain_sql.sql; exact numbers as whole millionths."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import polars as pl

from benchmarks.contenders import Job
from benchmarks.rules import DAYS_BEFORE, SCORE_UNIT, Rule, ScoreModel, read_score_model


def score(job: Job) -> None:
    """Read, deduplicate, attribute, count, score, write."""
    model = read_score_model(job.seeds)
    contacts = (
        pl.scan_parquet(job.contacts)
        .select("contact_id", "anonymous_id", "created_at", email=normalised("email"))
        .with_columns(name=named("email", "contact_id"))
        .drop("email")
        .collect()
    )
    events = deduplicated(job, contacts)

    # One whole number per lead from here on; in the order of the lead ids, since ties go to the smaller one.
    names = pl.concat([events["name"], contacts["name"]]).drop_nulls().unique()
    leads = (
        pl.DataFrame({"name": names, "lead_id": [hashlib.md5(name.encode()).hexdigest() for name in names]})
        .sort("lead_id")
        .with_row_index("lead")
    )
    events = events.join(leads.select("name", "lead"), on="name", how="left", maintain_order="none").drop("name")
    contacts = contacts.join(leads.select("name", "lead"), on="name", how="left", maintain_order="none")

    attributed = attribute(events, contacts)
    del events
    first_seen = (
        pl.concat(
            [attributed.select("lead", seen_on="occurred_on"), contacts.select("lead", seen_on=pl.col("created_at").dt.date())]
        )
        .group_by("lead")
        .agg(first_seen_on=pl.col("seen_on").min())
    )
    days = matched_days(attributed, model.rules)
    del attributed
    scores = pl.concat([scores_on(job.as_of - timedelta(days=before), days, first_seen, model) for before in DAYS_BEFORE])
    scores.join(leads, on="lead").select(
        "lead_id",
        "scored_on",
        score_exact=(pl.col("score").cast(pl.Decimal(38, 0)) * pl.lit("0.000001").str.to_decimal(scale=6)).cast(
            pl.Decimal(18, 6)
        ),
    ).write_parquet(job.output)


def normalised(column: str) -> pl.Expr:
    """A text in the form in which it is compared."""
    return pl.col(column).str.strip_chars().str.to_lowercase()


def named(email: str, contact_id: str) -> pl.Expr:
    """The text whose hash is the lead: by e-mail, else by contact."""
    return pl.coalesce("email:" + pl.col(email), "contact:generic:" + pl.col(contact_id))


def deduplicated(job: Job, contacts: pl.DataFrame) -> pl.DataFrame:
    """Of each event the delivery that stands, with the name of its lead where it has one."""
    columns = ["event_type", "occurred_at", "anonymous_id", "page_path", "email", "contact_id"]
    deliveries = pl.scan_parquet(job.events).select("event_id", "event_version", "loaded_at", *columns)
    # Most events came once, so only the others are sorted.
    again = (
        deliveries.select("event_id")
        .group_by("event_id")
        .len()
        .filter(pl.col("len") > 1)
        .select("event_id")
        .collect(engine="streaming")
        .lazy()
    )
    once = deliveries.join(again, on="event_id", how="anti").select(columns)
    standing = (
        deliveries.join(again, on="event_id", how="semi")
        .sort(
            "event_version", "loaded_at", "occurred_at", "event_type", "page_path", descending=[True, False, False, False, False]
        )
        .unique("event_id", keep="first", maintain_order=True)
        .select(columns)
    )
    return (
        pl.concat([once, standing])
        .with_columns(email=normalised("email"), page_path=normalised("page_path"))
        .join(contacts.lazy().select("contact_id", contact_name="name"), on="contact_id", how="left")
        .select(
            pl.col("event_type").cast(pl.Categorical),
            pl.col("page_path").cast(pl.Categorical),
            "occurred_at",
            "anonymous_id",
            name=pl.coalesce("email:" + pl.col("email"), "contact_name", "contact:generic:" + pl.col("contact_id")),
        )
        .collect(engine="streaming")
    )


def attribute(events: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """The events of leads: lead, event type, path, date. A browser belongs to whoever said so last, before anybody did to the first."""
    evidence = (
        pl.concat(
            [
                events.lazy()
                .filter(pl.col("lead").is_not_null() & pl.col("anonymous_id").is_not_null())
                .select("anonymous_id", "occurred_at", "lead"),
                contacts.lazy()
                .filter(pl.col("anonymous_id").is_not_null())
                .select("anonymous_id", pl.col("created_at").alias("occurred_at"), "lead"),
            ]
        )
        .group_by("anonymous_id", "occurred_at")
        .agg(pl.col("lead").min())
        .sort("occurred_at")
        .collect()
    )
    earliest = evidence.unique("anonymous_id", keep="first", maintain_order=True).select("anonymous_id", earliest="lead")
    anonymous = (
        events.lazy()
        .filter(pl.col("lead").is_null())
        .drop("lead")
        .join(earliest.lazy(), on="anonymous_id")
        .sort("occurred_at")
        .join_asof(
            evidence.lazy().rename({"lead": "latest"}),
            on="occurred_at",
            by="anonymous_id",
            strategy="backward",
            check_sortedness=False,
        )
        .with_columns(lead=pl.coalesce("latest", "earliest"))
    )
    columns = ["lead", "event_type", "page_path", pl.col("occurred_at").dt.date().alias("occurred_on")]
    return pl.concat([events.lazy().filter(pl.col("lead").is_not_null()).select(columns), anonymous.select(columns)]).collect()


def matched_days(attributed: pl.DataFrame, rules: tuple[Rule, ...]) -> pl.DataFrame:
    """How often each rule fired for each lead on each day, at most max_per_day times."""
    pages = attributed.lazy().select("event_type", "page_path").unique().collect()
    matches = pl.concat(
        [
            pages.filter((pl.col("event_type") == rule.event_type) & holds(rule)).with_columns(rule=pl.lit(number, pl.UInt16))
            for number, rule in enumerate(rules)
        ]
    )
    caps = pl.DataFrame(
        {"rule": range(len(rules)), "max_per_day": [rule.max_per_day for rule in rules]},
        schema={"rule": pl.UInt16, "max_per_day": pl.UInt32},
    )
    return (
        attributed.lazy()
        .join(matches.lazy(), on=["event_type", "page_path"], nulls_equal=True)
        .group_by("lead", "rule", "occurred_on")
        .len("occurrences")
        .join(caps.lazy(), on="rule")
        .select("lead", "rule", "occurred_on", occurrences=pl.min_horizontal("occurrences", "max_per_day"))
        .collect(engine="streaming")
    )


def holds(rule: Rule) -> pl.Expr:
    """Whether the path is what the rule looks for."""
    path = pl.col("page_path").cast(pl.String)
    if rule.operator is None or rule.operand is None:
        return pl.lit(True)
    match rule.operator:
        case "eq":
            return path == rule.operand
        case "in":
            return path.is_in(rule.operand.split("|"))
        case "starts_with":
            return path.str.starts_with(rule.operand)
        case "contains":
            return path.str.contains(rule.operand, literal=True)
        case "matches":
            return path.str.contains(rule.operand)
    raise ValueError(f"unknown operator {rule.operator!r}")


def scores_on(scored_on: object, days: pl.DataFrame, first_seen: pl.DataFrame, model: ScoreModel) -> pl.DataFrame:
    """The score of every lead that existed on the date, in millionths."""
    aged = (
        days.lazy()
        .filter(pl.col("occurred_on") <= scored_on)
        .with_columns(age=(pl.lit(scored_on) - pl.col("occurred_on")).dt.total_days())
    )
    # What so many occurrences of that age are worth: computed once for all leads.
    occurring = aged.select("rule", "age", "occurrences").unique().collect(engine="streaming")
    worths = occurring.with_columns(
        worth=pl.Series(
            [model.rules[rule].worth(age, occurrences) for rule, age, occurrences in occurring.iter_rows()], dtype=pl.Int64
        )
    )
    bounds = pl.DataFrame(
        {
            "rule": range(len(model.rules)),
            "bound": [int(rule.max_points * SCORE_UNIT) if rule.max_points else None for rule in model.rules],
        },
        schema={"rule": pl.UInt16, "bound": pl.Int64},
    )
    points = (
        aged.join(worths.lazy(), on=["rule", "age", "occurrences"])
        .group_by("lead", "rule")
        .agg(pl.col("worth").sum())
        .join(bounds.lazy(), on="rule")
        .select("lead", points=pl.max_horizontal(pl.min_horizontal("worth", "bound"), -pl.col("bound")))
        .group_by("lead")
        .agg(pl.col("points").sum())
    )
    return (
        first_seen.lazy()
        .filter(pl.col("first_seen_on") <= scored_on)
        .join(points, on="lead", how="left")
        .select(
            "lead",
            scored_on=pl.lit(scored_on),
            score=pl.col("points").fill_null(0).clip(model.score_min * SCORE_UNIT, model.score_max * SCORE_UNIT),
        )
        .collect(engine="streaming")
    )
