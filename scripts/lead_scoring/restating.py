"""Scoring past dates anew, under the grid and the knowledge of the last build: in a file of its own, beside what was published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from lead_scoring import dbt
from lead_scoring.building import probe
from lead_scoring.console import number, print_table, say
from lead_scoring.database import Row, identifier, opened, quoted, records
from lead_scoring.errors import AUDIT_FAILED, WRONG_USAGE, CommandError, engine_error
from lead_scoring.exports import write_csv
from lead_scoring.locks import database_locked, locked
from lead_scoring.project import PROJECT, shown_path

SCRATCH = PROJECT / "target" / "restate"
TABLE = "restated.lead_scores"

DATES_AT_ONCE = 40
"""Day buckets meet all dates of a run in columns of their own (macros/scored_dates.sql): more dates take less time together, and more memory."""

# From the scored dates to the scores, without what no date changes: the rules, and which event matches which of them. That stands in the database.
SELECTED = "int_scored_dates+,+int_lead_scores"
DATELESS = (
    *(f"path:models/intermediate/{folder}" for folder in ("rules", "events", "identity", "counting")),
    *(
        "int_event_signatures",
        "int_signature_*",
        "int_event_types_resigned",
        "int_events_to_match",
        "int_once_values",
        "int_daily_matches",
        "int_matchers_applied",
    ),
)

# The restated scores, with names and types as in marts.fct_lead_scores; restated_on is the date of the build whose grid and knowledge they are of.
SCORES = """
    select lead_id, score_model, scored_on as as_of_date, behaviour_points, fit_points, negative_points, cycle_points, manual_points, raw_score,
        score_exact, score, grade, segment, segment_reason, is_excluded, last_activity_on, grid_version, as_of_date as restated_on
    from intermediate.int_lead_scores
    cross join (select distinct as_of_date, grid_version from {built}.marts.fct_lead_scores)
"""

# What differs between the scores of the build and the same scores computed anew.
DISAGREEMENTS = """
    select count(*)
    from {built}.marts.fct_lead_scores as published
    full outer join (select * from intermediate.int_lead_scores where days_before = 0) as computed using (lead_id, score_model)
    where (published.score_exact, published.score, published.grade, published.segment)
        is distinct from (computed.score_exact, computed.score, computed.grade, computed.segment)
"""

# Each date and score model beside what was published for it.
SUMMARY = """
    select days.as_of_date, models.score_model, count(restated.lead_id) as leads, count(published.lead_id) as published,
        count(*) filter (where published.score <> restated.score) as other_score,
        count(*) filter (where published.segment <> restated.segment) as other_segment
    from (select unnest([{days}]) as as_of_date) as days
    cross join (select distinct score_model from {built}.marts.fct_lead_scores) as models
    left join restated_scores as restated using (as_of_date, score_model)
    left join {built}.marts.fct_lead_score_history as published
        on restated.lead_id = published.lead_id and restated.score_model = published.score_model
        and restated.as_of_date >= published.valid_from and (restated.as_of_date < published.valid_to or published.valid_to is null)
    group by all
    order by days.as_of_date, models.score_model
"""


@dataclass(frozen=True)
class Restatement:
    """What came of it: the date of the build, where the scores are, and a row per restated date and score model."""

    restated_on: date
    place: str
    rows: list[Row]


def restate(
    database: Path,
    days: Sequence[date],
    output: Path | None = None,
    variables: Mapping[str, Any] | None = None,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> Restatement:
    """Score all leads on ``days`` as if each were the as_of_date of the last build; into a table beside the marts, or into the CSV file ``output``.

    Raises CommandError: for a day after the date of the last build (2), and when the build's own scores do not come out as they were published (4).
    """
    if output is not None and not output.absolute().parent.is_dir():
        raise CommandError(f"The folder {shown_path(output.absolute().parent)} for the file does not exist.", WRONG_USAGE)
    built_for = last_build(database)
    for day in days:
        if day > built_for:
            raise CommandError(f"{day} is later than {built_for}, the date of the last build: it is not past yet.", WRONG_USAGE)
    arguments = [
        "run",
        "--target",
        "restated",
        "--select",
        SELECTED,
        "--exclude",
        *DATELESS,
        "--target-path",
        str(SCRATCH / "dbt"),
    ]
    with database_locked(database), scratch(database) as file:
        if output is None:
            probe(database)
        look_through(file, database)
        places = {"LEAD_SCORING_DB": str(database), "LEAD_SCORING_RESTATED_DB": str(file), "DBT_LOG_PATH": str(SCRATCH / "logs")}
        for some in stretches(days):
            dates = {"as_of_date": built_for.isoformat(), "lead_scoring_restated_days": [(built_for - day).days for day in some]}
            result = dbt.run(arguments, {**(variables or {}), **dates}, places, on_progress)
            if result.exit_code:
                raise dbt.error_of(result, shown_path(database))
            collect(file, database, some)
        rows = keep(file, database, days, output)
    return Restatement(built_for, shown_path(output) if output else f"the table {TABLE} of {shown_path(database)}", rows)


def stretches(days: Sequence[date]) -> Iterator[list[date]]:
    """The dates in their order, each once, as many at a time as one run computes."""
    dates = sorted(set(days))
    for begin in range(0, len(dates), DATES_AT_ONCE):
        yield dates[begin : begin + DATES_AT_ONCE]


def last_build(path: Path) -> date:
    """The date of the scores that are published now."""
    with opened(path) as database:
        found = database.rows("select max(as_of_date) as as_of_date from marts.fct_lead_scores")[0]["as_of_date"]
    if found is None:
        raise CommandError(f"{shown_path(path)} holds no lead yet: the raw data had none.")
    assert isinstance(found, date)
    return found


@contextmanager
def scratch(database: Path) -> Iterator[Path]:
    """An empty file to compute in, for one restatement at a time; removed afterwards. Its name differs from the database's, since both are open at once."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    file = SCRATCH / f"restated_{database.stem}.duckdb"
    with locked(SCRATCH / "lock", wait=True):
        try:
            remove(SCRATCH)
            yield file
        finally:
            remove(SCRATCH)


def remove(folder: Path) -> None:
    """Remove the files that were computed in, of a run that was killed too."""
    for left_over in folder.glob("restated_*"):
        left_over.unlink()


@contextmanager
def side_by_side(file: Path, database: Path, read_only: bool = True) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """The file that is computed in, opened with the database attached; and the name, quoted for SQL, that DuckDB gives the latter."""
    try:
        with duckdb.connect(str(file)) as connection:
            connection.execute(f"attach {quoted(str(database))}{' (read_only)' if read_only else ''}")
            names = "select database_name from duckdb_databases() where not internal and database_name <> current_database()"
            yield connection, identifier(connection.execute(names).fetchall()[0][0])
    except duckdb.Error as error:
        raise engine_error(str(error), shown_path(database)) or CommandError(f"{shown_path(database)}: {error}") from error


def look_through(file: Path, database: Path) -> None:
    """Make a view in the file for whatever the database holds but raw data and what a run keeps for the next, so that dbt finds there what it is not asked to compute."""
    with side_by_side(file, database) as (connection, built):
        relations = connection.execute(
            """
            select table_schema, table_name from information_schema.tables
            where table_catalog not in (current_database(), 'system', 'temp') and not starts_with(table_schema, 'raw_')
                and table_schema not in ('restated', 'runs')
            """
        ).fetchall()
        for schema in sorted({schema for schema, _ in relations}):
            connection.execute(f"create schema if not exists {identifier(schema)}")
        for schema, name in relations:
            relation = f"{identifier(schema)}.{identifier(name)}"
            # A view on raw files that are gone cannot be looked through. Who needs it will say so.
            with suppress(duckdb.IOException):
                connection.execute(f"create view {relation} as select * from {built}.{relation}")


def collect(file: Path, database: Path, days: Sequence[date]) -> None:
    """Lay the scores that a run computed for some dates beside those of the runs before it, unless those of the build itself came out differently."""
    with side_by_side(file, database) as (connection, built):
        disagreements = connection.execute(DISAGREEMENTS.format(built=built)).fetchall()[0][0]
        if disagreements:
            raise CommandError(
                f"{disagreements:,} of the scores that {shown_path(database)} publishes come out differently: it was built with other options, or half of it "
                "is of another run. Give the --source and --vars of the build, or build again. Nothing was restated.",
                AUDIT_FAILED,
            )
        scores = f"{SCORES.format(built=built)} where scored_on in ({dates_listed(days)})"
        connection.execute(f"create table if not exists restated_scores as {scores} limit 0")
        connection.execute(f"insert into restated_scores {scores}")


def keep(file: Path, database: Path, days: Sequence[date], output: Path | None) -> list[Row]:
    """Put the scores that were collected where they were asked for; count them beside what was published."""
    with side_by_side(file, database, read_only=output is not None) as (connection, built):
        if output is None:
            connection.execute(f"create schema if not exists {built}.restated")
            connection.execute(f"create or replace table {built}.{TABLE} as select * from restated_scores")
        else:
            write_csv(connection, "select * from restated_scores order by as_of_date, score_model, lead_id", output)
        return records(connection, SUMMARY.format(built=built, days=dates_listed(days)))


def dates_listed(days: Sequence[date]) -> str:
    """The dates as SQL, separated by commas."""
    return ", ".join(f"date {quoted(day.isoformat())}" for day in sorted(set(days)))


def print_restatement(found: Restatement) -> None:
    """For people: what there is now, beside what was published then."""
    say(f"The scores are in {found.place}, under the grid and the knowledge of the build for {found.restated_on}.", style="green")
    print_table(
        (
            (row["as_of_date"], row["score_model"], number(row["leads"]), number(row["published"]), number(row["other_score"]), number(row["other_segment"]))
            for row in found.rows
        ),
        "date", "score model", ("leads", "right"), ("published then", "right"), ("with another score", "right"), ("in another segment", "right"),
    )  # fmt: skip
