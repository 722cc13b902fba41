"""What a build came to: the best leads and why, the segments, and what became of every row that was read."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from lead_scoring.console import clean, console, heading, number, print_table, say, words
from lead_scoring.database import Database, Row

# From this width on a lead and its reasons fit on one line.
WIDE = 125
TRENDS = {"rising": "▲ rising", "falling": "▼ falling", "steady": "  steady", "new": "* new"}


def load(database: Database, score_model: str | None, top: int) -> dict[str, Any]:
    """All that show prints, as data."""
    model = database.score_model(score_model)
    return {
        "score_model": model,
        "run": database.rows(
            """
            select as_of_date, run_id, grid_version, count(*) as leads, count(*) filter (where is_excluded) as excluded
            from marts.fct_lead_scores where score_model = ? group by all
            """,
            [model],
        )[0],
        "top_leads": database.rows(
            """
            select scores.score_rank, scores.lead_id, coalesce(leads.email, leads.contact_id, scores.lead_id) as lead, leads.company, leads.job_title,
                scores.score, scores.grade, scores.segment, segments.label as segment_label, scores.temperature, scores.trend, scores.score_7d_ago,
                scores.top_reasons
            from marts.fct_lead_scores as scores
            inner join marts.dim_leads as leads on scores.lead_id = leads.lead_id
            left join staging.stg_config__segments as segments on scores.score_model = segments.score_model and scores.segment = segments.segment
            where scores.score_model = ? and not scores.is_excluded
            order by scores.score_rank
            limit ?
            """,
            [model, top],
        ),
        "segments": database.rows(
            """
            select scores.segment, coalesce(any_value(segments.label), 'Excluded') as label, any_value(segments.lower_bound) as lower_bound,
                any_value(scores.temperature) as temperature, count(*) as leads,
                count(*) filter (where scores.trend = 'rising') as rising, count(*) filter (where scores.trend = 'falling') as falling
            from marts.fct_lead_scores as scores
            left join staging.stg_config__segments as segments on scores.score_model = segments.score_model and scores.segment = segments.segment
            where scores.score_model = ?
            group by scores.segment
            order by any_value(segments.rank) desc nulls last
            """,
            [model],
        ),
        "sources": database.rows(
            """
            select source, raw_table, sum(row_count)::bigint as rows_read,
                coalesce(sum(row_count) filter (where outcome = 'scored'), 0)::bigint as scored,
                coalesce(sum(row_count) filter (where outcome = 'duplicate'), 0)::bigint as duplicate,
                coalesce(sum(row_count) filter (where outcome = 'deleted'), 0)::bigint as deleted,
                coalesce(sum(row_count) filter (where outcome = 'out_of_scope'), 0)::bigint as out_of_scope,
                coalesce(sum(row_count) filter (where outcome = 'erased'), 0)::bigint as erased,
                coalesce(sum(row_count) filter (where outcome = 'quarantined'), 0)::bigint as quarantined
            from marts.rpt_source_rows group by source, raw_table order by source, raw_table
            """
        ),
        "quarantine": database.rows(
            """
            with rejected as (
                select source, raw_table, reason, raw_file, raw_row from quarantine.events
                union all
                select source, raw_table, reason, raw_file, raw_row from quarantine.records
            )
            select source, raw_table, reason, count(*) as row_count,
                first(regexp_extract(raw_file, '[^/]*$') || ' row ' || raw_row order by raw_file, raw_row) as example
            from rejected group by source, raw_table, reason order by row_count desc, source, raw_table, reason
            """
        ),
        "conflicts": database.rows("select count(*) as row_count from quarantine.event_conflicts")[0]["row_count"],
    }


def print_result(found: dict[str, Any]) -> None:
    """Print it."""
    run = found["run"]
    console().print()
    say(
        f"Lead scores for {run['as_of_date']}: {number(run['leads'])} leads in the score model {found['score_model']}",
        style="bold",
    )
    _print_top(found["top_leads"])
    _print_segments(found["segments"])
    _print_sources(found["sources"])
    _print_quarantine(found["quarantine"], found["conflicts"])
    _print_next(found["top_leads"])


def _trend(row: Row) -> str:
    return TRENDS.get(row["trend"], str(row["trend"]))


def _print_top(leads: list[Row]) -> None:
    if not leads:
        return
    heading(f"The {len(leads)} best leads and what their scores are mostly made of")
    if console().width >= WIDE:
        print_table(
            ([row["score_rank"], row["lead"], Text(str(row["score"]), style="bold"), row["grade"], row["segment_label"], _trend(row), row["top_reasons"]] for row in leads),
            ("", "right"), "lead", ("score", "right"), "grade", "segment", "trend", "reasons",
        )  # fmt: skip
        return
    # On a narrow terminal the reasons get lines of their own; the address comes last, so that it is never cut.
    width = max(7, *(len(row["segment_label"] or "") for row in leads))
    console().print(Text(f"   score grade {'segment':<{width}} {'trend':<7} lead", style="dim"))
    for row in leads:
        line = Text(f"{row['score_rank']:>2} ")
        line.append(f"{row['score']:>5}", style="bold")
        line.append(f" {row['grade']:<5} {row['segment_label'] or '':<{width}} {row['trend']:<7} {clean(row['lead'])}")
        console().print(line, soft_wrap=True)
        for part in _wrapped(clean(row["top_reasons"]), console().width - 9):
            console().print(Text(f"         {part}", style="dim"))


def _wrapped(reasons: str, width: int) -> list[str]:
    """Reasons on lines of at most ``width``, broken between two reasons."""
    lines: list[str] = []
    for reason in reasons.split("; "):
        if lines and len(lines[-1]) + 2 + len(reason) <= width:
            lines[-1] += f"; {reason}"
        else:
            lines.append(reason)
    return [line for line in lines if line]


def _print_segments(segments: list[Row]) -> None:
    heading("Leads per segment")
    most = max((row["leads"] for row in segments), default=1)
    print_table(
        (
            [
                row["label"],
                "" if row["segment"] == "excluded" else "the lowest" if row["lower_bound"] is None else f"from {number(row['lower_bound'])}",
                number(row["leads"]),
                number(row["rising"]),
                number(row["falling"]),
                Text("█" * max(1, round(24 * row["leads"] / most)), style={"hot": "red", "warm": "yellow"}.get(row["temperature"], "blue")),
            ]
            for row in segments
        ),
        "segment", "score", ("leads", "right"), ("rising", "right"), ("falling", "right"), "",
    )  # fmt: skip


def _print_sources(sources: list[Row]) -> None:
    heading("What became of every event row that was read")
    outcomes = [
        name
        for name in ("scored", "duplicate", "deleted", "out_of_scope", "erased", "quarantined")
        if any(row[name] for row in sources)
    ]
    print_table(
        ([f"{row['source']} {row['raw_table']}", number(row["rows_read"]), *(number(row[name]) for name in outcomes)] for row in sources),
        "table", ("read", "right"), *((name.replace("_", " "), "right") for name in outcomes),
    )  # fmt: skip


def _print_quarantine(rejected: list[Row], conflicts: int) -> None:
    heading("What was quarantined, and why")
    if rejected:
        print_table(
            ([number(row["row_count"]), f"{row['source']} {row['raw_table']}", row["reason"], row["example"]] for row in rejected),
            ("rows", "right"), "table", "reason", "for example",
        )  # fmt: skip
    else:
        say("Nothing.")
    if conflicts:
        words(f"{number(conflicts)} duplicates contradict the delivery that counts: see quarantine.event_conflicts.", style="dim")


def _print_next(leads: list[Row]) -> None:
    heading("Where to go next")
    who = clean(leads[0]["lead"]) if leads else "EMAIL"
    for what, why in (
        (f"make explain EMAIL={who}", "why a lead has its score, and when it fades"),
        ("make report", "whom to call and why, in one HTML file; `make dashboard` serves boards"),
        (
            "seeds/point_grid.csv",
            "the rules: change a number, then run `make check` and `make build` (`make demo` for the sample)",
        ),
        ("README.md", "what is published, how to change it, how to score your own data"),
    ):
        say(what)
        words(f"    {why}", style="dim")
