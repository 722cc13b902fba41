"""The front door: what each command takes, prints and exits with."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from lead_scoring import __version__, building, checks, explain, publishing, restating, show
from lead_scoring.activation import commands as activation
from lead_scoring.console import number, print_json, print_table, say
from lead_scoring.database import Database, opened
from lead_scoring.errors import CommandError
from lead_scoring.locks import database_locked
from lead_scoring.project import database_path, shown_path
from lead_scoring.report import data as report_data
from lead_scoring.running import AsJson, progress_line, reported

app = typer.Typer(
    name="lead_scoring",
    help="Lead scores that explain themselves. It reads and writes the DuckDB file that LEAD_SCORING_DB names, by default lead_scoring.duckdb in the project.",
    epilog="Exit codes: 0 done; 1 the data or the seeds are wrong; 2 wrong usage; 3 stopped by a guard; 4 an audit failed; 5 locked by another run; 6 out of disk or memory.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
AcceptGuards = Annotated[
    bool, typer.Option("--accept-guards", help="Publish although a guard of seeds/guards.csv says stop: somebody has looked.")
]
ScoreModel = Annotated[
    str | None,
    typer.Option("--score-model", metavar="NAME", help="A score model of score_models.csv; the default one if not given."),
]


app.add_typer(activation.app, name="activate")


def version_asked(value: bool) -> None:
    if value:
        say(f"lead_scoring {__version__}")
        raise typer.Exit


@app.callback()
def front_door(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=version_asked, is_eager=True)] = False,
) -> None:
    """Takes the options that stand before a command."""


@app.command("check")
def check_command(as_json: AsJson = False) -> None:
    """Check the seeds: every contradiction with its file and line. Nothing that is published is touched."""
    with reported(as_json):
        with progress_line("Checking the seeds", as_json) as update:
            faults = checks.check(update)
        if faults:
            raise checks.faults_error(faults)
        if as_json:
            print_json({"status": "ok", "exit_code": 0, "faults": []})
        else:
            say("The seeds are in order.", style="green")


def as_day(value: str) -> date:
    try:
        return datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError as error:
        raise typer.BadParameter(f"{value} is no date of the form YYYY-MM-DD.") from error


def as_instant(value: str) -> datetime:
    try:
        instant = datetime.fromisoformat(value.removesuffix("Z"))
    except ValueError as error:
        raise typer.BadParameter(f"{value} is no time of the form YYYY-MM-DD HH:MM:SS (UTC).") from error
    if instant.tzinfo is not None:
        raise typer.BadParameter(f"{value} has an offset; write the time in UTC, without one.")
    return instant


class PlainLoader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML whose dates stay the texts they are: dbt is given JSON, which has none."""


PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def as_mapping(value: str) -> dict[str, Any]:
    try:
        mapping = yaml.load(value, Loader=PlainLoader)
    # The reader of YAML lets whatever happens to it through: `!!bool x` is a KeyError, a thousand brackets are a RecursionError.
    except Exception as error:
        raise typer.BadParameter(f"{value} is no YAML.") from error
    if not isinstance(mapping, dict) or not all(isinstance(name, str) for name in mapping):
        raise typer.BadParameter(f"{value} is no mapping of names to values.")
    try:
        json.dumps(mapping, allow_nan=False, sort_keys=True)
    except (TypeError, ValueError, RecursionError) as error:
        raise typer.BadParameter(
            f"{value} holds something else than texts, numbers, true, false, null, and lists and mappings of them."
        ) from error
    return mapping


@app.command("build")
def build_command(
    as_of_date: Annotated[
        date | None,
        typer.Option(
            "--as-of-date", metavar="YYYY-MM-DD", parser=as_day, help="The date the scores are for; today if not given."
        ),
    ] = None,
    known_at: Annotated[
        datetime | None,
        typer.Option("--known-at", metavar="TIME", parser=as_instant, help="Only what was loaded by then (UTC) exists."),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", help="A source that is on; may be given several times. Default: lead_scoring_sources."),
    ] = None,
    raw: Annotated[
        Path | None,
        typer.Option(
            "--raw", help="The folder of the raw data; default: LEAD_SCORING_RAW, else the sample.", exists=True, file_okay=False
        ),
    ] = None,
    variables: Annotated[
        dict[str, Any] | None,
        typer.Option(
            "--vars",
            metavar="YAML",
            parser=as_mapping,
            help="Further vars of dbt_project.yml, as dbt takes them: '{scoring_timezone: Europe/Paris}'.",
        ),
    ] = None,
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Build everything from the raw data anew.")] = False,
    tests: Annotated[
        bool, typer.Option("--tests/--no-tests", help="Run the data tests; a faulty grid stops the build either way.")
    ] = True,
    unit_tests: Annotated[bool, typer.Option("--unit-tests", help="Run dbt's unit tests too.")] = False,
    publish: Annotated[
        bool, typer.Option("--publish/--no-publish", help="Let readers see the result, if audit and guards allow it.")
    ] = True,
    accept_guards: AcceptGuards = False,
    as_json: AsJson = False,
) -> None:
    """Build everything, seeds, scores, marts and their tests, and publish it. A fault of the seeds stops it before any score changes."""
    variables = dict(variables or {})
    if as_of_date:
        variables["as_of_date"] = as_of_date.isoformat()
    if known_at:
        variables["known_at"] = known_at.isoformat(sep=" ")
    if source:
        variables["lead_scoring_sources"] = source
    arguments = ["--full-refresh"] if full_refresh else []
    if tests and not unit_tests:
        arguments += ["--exclude-resource-type", "unit_test"]
    database = database_path()
    with reported(as_json):
        environment = {"LEAD_SCORING_RAW": str(raw.absolute())} if raw else {}
        with progress_line("Building", as_json) as update:
            result, published = building.build(database, variables, arguments, environment, update, tests, publish, accept_guards)
        if as_json:
            print_json({
                "status": "ok", "exit_code": 0, "database": str(database), "seconds": result.seconds, "statistics": result.statistics,
                "notices": result.notices, "warnings": [{"node": node.unique_id, "message": node.message} for node in result.warned],
                "publication": told_publication(published) if published else None,
            })  # fmt: skip
            return
        for notice in result.notices:
            say(f"Notice: {notice}", style="dim")
        for node in result.warned:
            say(f"Warning: {node.name}: {node.message}", style="yellow")
        passed = result.statistics.get("pass", 0)
        say(
            f"Built {shown_path(database)} in {result.seconds:.0f} s: {passed} models, seeds and tests, all in order.",
            style="green",
        )
        if published:
            say_published(database, published)


@app.command("publish")
def publish_command(accept_guards: AcceptGuards = False, as_json: AsJson = False) -> None:
    """Publish what the last build made: after a guard has stopped it, or after a build with --no-publish."""
    database = database_path()
    with reported(as_json):
        if not database.exists():
            raise CommandError(f"There is no database at {shown_path(database)}. Run `make build`.")
        with database_locked(database):
            published = publishing.publish(database, accept_guards)
        if as_json:
            print_json({"status": "ok", "exit_code": 0, "publication": told_publication(published)})
        else:
            say_published(database, published)


@app.command("rollback")
def rollback_command(
    to: Annotated[
        int | None, typer.Option("--to", metavar="NUMBER", help="A version that is kept; the one before if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let readers see an earlier version again, at once. The next build publishes a new one."""
    database = database_path()
    with reported(as_json):
        version = publishing.rollback(database, to)
        if as_json:
            print_json({"status": "ok", "exit_code": 0, "version": version.name, "manifest": version.manifest})
        else:
            say(f"Readers see version {version.number}, for {version.manifest['as_of_date']}, again.", style="green")


@app.command("versions")
def versions_command(as_json: AsJson = False) -> None:
    """The versions that are kept, and which one readers see."""
    folder = publishing.published_folder(database_path())
    with reported(as_json):
        kept, seen = publishing.versions(folder), publishing.current(folder)
        if as_json:
            seen_name = seen.name if seen else None
            print_json(
                {
                    "status": "ok",
                    "exit_code": 0,
                    "folder": str(folder),
                    "current": seen_name,
                    "versions": [v.manifest for v in kept],
                }
            )
        elif not kept:
            say(f"Nothing was published yet in {shown_path(folder)}.")
        else:
            print_table(
                ([version.number, version.manifest["as_of_date"], version.manifest["published_at"], number(version.manifest["tables"]["dim_leads"]), "readers see it" if seen and version.folder == seen.folder else ""] for version in kept),
                ("version", "right"), "scores for", "published at (UTC)", ("leads", "right"), "",
            )  # fmt: skip


def told_publication(published: publishing.Published) -> dict[str, Any]:
    """What came of publishing, as data."""
    return {
        "version": published.version.name if published.version else None,
        "not_published_because": published.reason or None,
        "warnings": list(published.warnings),
        "purged": published.purged,
    }


def say_published(database: Path, published: publishing.Published) -> None:
    """Say what came of publishing."""
    folder = publishing.published_folder(database)
    for warning in published.warnings:
        say(f"Warning: {warning}", style="yellow")
    if published.purged:
        say(
            f"Notice: {published.purged} {'person' if published.purged == 1 else 'people'} asked to be forgotten: nothing is left of them but in your raw files.",
            style="dim",
        )
    if published.version:
        say(
            f"Published version {published.version.number}: {shown_path(folder / 'current' / publishing.DATABASE)}", style="green"
        )
    else:
        say(f"Not published: {published.reason}.")


@app.command("restate")
def restate_command(
    days: Annotated[
        list[date],
        typer.Option("--date", metavar="YYYY-MM-DD", parser=as_day, help="A past date; may be given several times."),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", help="A CSV file for the scores, in place of the table restated.lead_scores.", dir_okay=False),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", help="A source that is on, as in the build; may be given several times."),
    ] = None,
    variables: Annotated[
        dict[str, Any] | None,
        typer.Option("--vars", metavar="YAML", parser=as_mapping, help="Further vars of dbt_project.yml, as in the build."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score past dates anew, under the grid and the knowledge of the last build. What is published and its history stay as they are."""
    variables = {**(variables or {}), **({"lead_scoring_sources": source} if source else {})}
    with reported(as_json):
        with progress_line("Restating", as_json) as update:
            found = restating.restate(database_path(), days, output, variables, update)
        if as_json:
            print_json(
                {"status": "ok", "exit_code": 0, "restated_on": found.restated_on, "place": found.place, "dates": found.rows}
            )
        else:
            restating.print_restatement(found)


@app.command("explain")
def explain_command(
    who: Annotated[str, typer.Argument(metavar="EMAIL", help="The e-mail of a lead, or its lead_id.")],
    score_model: ScoreModel = None,
    as_json: AsJson = False,
) -> None:
    """Why a lead has its score: every entry of its ledger, and the dates on which the score fades if nothing happens."""
    with reported(as_json), opened(database_path()) as database:
        warn_of_half(database)
        explanation = explain.load(database, who, score_model)
        if as_json:
            print_json(explain.as_json(explanation))
        else:
            explain.print_explanation(explanation)


@app.command("show")
def show_command(
    top: Annotated[int, typer.Option("--top", min=1, max=1000, help="How many leads.")] = 10,
    score_model: ScoreModel = None,
    as_json: AsJson = False,
) -> None:
    """What a build came to: the best leads and why, the segments, what was read and what was quarantined."""
    with reported(as_json), opened(database_path()) as database:
        warn_of_half(database)
        found = show.load(database, score_model, top)
        if as_json:
            print_json(found)
        else:
            show.print_result(found)


@app.command("report")
def report_command(
    output: Annotated[Path, typer.Option("--output", help="The file to write.")] = Path("report.html"),
    score_model: ScoreModel = None,
    most_leads: Annotated[
        int, typer.Option("--most-leads", min=1, max=report_data.MOST_LEADS, help="How many of the best leads it holds at most.")
    ] = report_data.MOST_LEADS,
    with_emails: Annotated[bool, typer.Option("--with-emails", help="Show e-mails whole; they are masked otherwise.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the list to call and the page of every lead into one HTML file, out of what is published."""
    with reported(as_json):
        version = publishing.current(publishing.published_folder(database_path()))
        if version is None:
            raise CommandError("Nothing is published yet. Run `make build` (your data) or `make demo` (the sample).")
        try:
            from lead_scoring.report import page
        except ImportError as error:
            raise CommandError(f"{error.name} is not installed, which draws the charts. Run `make report`.") from error
        with opened(version.folder / publishing.DATABASE) as database:
            found = report_data.load(database, score_model, most_leads, with_emails)
        try:
            size = page.write(found.payload, output)
        except OSError as error:
            raise CommandError(f"{shown_path(output)} cannot be written: {error.strerror}") from error
        if as_json:
            print_json(
                {
                    "file": str(output),
                    "bytes": size,
                    "leads": found.leads,
                    "left_out": found.left_out,
                    "as_of_date": found.as_of_date,
                }
            )
            return
        say(
            f"Wrote {shown_path(output)}: {found.leads:,} leads on {found.as_of_date}, {size / 1e6:.1f} MB. Open it in a browser."
        )
        if found.left_out:
            say(f"Warning: {found.left_out:,} leads of lower rank are not in it.", style="yellow", stderr=True)
        if with_emails:
            say("It holds e-mails: treat it as you treat your CRM.", stderr=True)


def warn_of_half(database: Database) -> None:
    """Say, beside what is printed, that the tables are not all of one run."""
    if database.is_half_built():
        say(
            f"Warning: the last build of {shown_path(database.path)} did not end, so what follows may be of two runs. What readers see is whole.",
            style="yellow",
            stderr=True,
        )


def main() -> None:
    """Run a command; Ctrl-C ends it without a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has had enough (`| head`).
        sys.stderr.close()
        sys.exit(0)
